/** `lab export` of a history that was written before: what it takes, what it writes, and what it refuses. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../../services/lab/failure.ts';
import { parseHistory } from '../../../services/lab/history-file.ts';
import { runLab } from '../../../services/lab/program.ts';
import { namesOf } from '../../../shared/scenario.ts';
import { scenarios } from '../../../shared/scenarios/index.ts';
import { play } from '../../../shared/sim/play.ts';
import { shiviz } from '../../../shared/sim/shiviz.ts';

const scenario = scenarios.find(({ name }) => name === 'lab-sheet-average') ?? expect.fail();
const { history } = play(scenario);
const written = history.map((event) => `${JSON.stringify(event)}\n`).join('');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-export-'));
  writeFileSync(join(folder, 'history.jsonl'), written);
});
afterEach(() => rmSync(folder, { recursive: true }));

async function exported(form: string, from = 'history.jsonl') {
  const said: string[] = [];
  const to = join(folder, 'to');
  const code = await runLab(['export', join(folder, from), form, '--to', to], { out: () => undefined, err: (text) => void said.push(text) });
  return { code, err: said.join(''), text: () => readFileSync(to, 'utf8') };
}

describe('a history in a file', () => {
  it('becomes a log for ShiViz, with the names that it tells itself', async () => {
    const { code, text } = await exported('--shiviz');
    expect([code, text()]).toEqual([undefined, `${shiviz(history, namesOf(scenario)).join('\n')}\n`]);
  });

  it('is written again as it is', async () => {
    const { code, text } = await exported('--jsonl');
    expect([code, text()]).toEqual([undefined, written]);
  });

  it('that cannot be read is named', async () => {
    const { code, err } = await exported('--shiviz', 'elsewhere.jsonl');
    expect([code, err]).toEqual([1, expect.stringContaining('elsewhere.jsonl')]);
    expect(err).not.toMatch(/^\s+at /m);
  });
});

describe('a line that is no event', () => {
  const [first, second] = written.split('\n').map((line) => JSON.parse(line || '{}'));
  it.each<[string, unknown]>([
    ['a number', 1],
    ['no header', { kind: 'node.stopped' }],
    ['no hybrid time', { ...second, hybrid: undefined }],
    ['a vector with names', { ...second, vector: { kmc: 1 } }],
    ['a message that is none', { ...second, kind: 'message.sent', to: 1, message: 'hello' }],
    ['a receipt that does not say of what', { ...second, kind: 'message.received', from: 1, message: { kind: 'x' }, delayUs: 1 }],
    ['a start without a name', { ...first, name: undefined }],
  ])('is refused with its number: %s', (_, line) => {
    const text = `${JSON.stringify(first)}\n\n${JSON.stringify(line)}\n`;
    expect(() => parseHistory(text, 'a file')).toThrow(new Failure('a file, line 3: this is no event of a history, such as run --history writes'));
  });

  it('is one that is cut off', () => expect(() => parseHistory(written.slice(0, -10), 'f')).toThrow('this is no event of a history'));

  it('is no line at all that is empty', () => expect(parseHistory('\n\n', 'f')).toEqual([]));
});
