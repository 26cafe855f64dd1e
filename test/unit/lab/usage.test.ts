/** How the command line answers to those who get it wrong, and to those who ask for help. */
import { describe, expect, it } from 'vitest';
import { runLab } from '../../../services/lab/program.ts';

async function lab(args: readonly string[]): Promise<{ readonly code: number | undefined; readonly out: string; readonly err: string }> {
  const said = { out: '', err: '' };
  const keep = (where: keyof typeof said) => (text: string) => {
    said[where] += text;
  };
  return { code: await runLab(args, { out: keep('out'), err: keep('err') }), ...said };
}

describe('wrong usage has exit code 2, and is told what is right', () => {
  it.each<[string[], string]>([
    [['kil', 'master'], 'Did you mean kill?'],
    [['kill'], "missing required argument 'node'"],
    [['kill', 'a', 'b'], 'too many arguments'],
    [['up', '--nodes', '0'], 'Give a whole number from 1 to 20.'],
    [['up', '--nodes', 'many'], 'Give a whole number from 1 to 20.'],
    [['up', '--clock', 'sundial'], 'Allowed choices are cristian, berkeley.'],
    [['up', '--election', 'raft'], 'Allowed choices are bully, ring, chang-roberts, hirschberg-sinclair.'],
    [['up', '--election', 'ring', '--mode', 'safe'], 'MODE=safe is refused with ELECTION=ring: only bully has a safe variant'],
    [['up', '--mode', 'bold'], 'Allowed choices are classic, safe.'],
    [['up', '--console-port', '99999'], 'Give a whole number from 0 to 65535.'],
    [['simulate'], 'say what to measure: --clock, --election or --mutex'],
    [['simulate', '--clock', 'berkeley', '--election', 'bully'], "'--clock <rule>' cannot be used with option '--election <name>'"],
    [['simulate', '--election', 'ring', '--mode', 'safe'], 'only bully has a safe variant'],
    [['simulate', '--election', 'bully', '--nodes', '5', '--down', '6'], 'there is no member 6: the ids are 1 to 5'],
    [['simulate', '--election', 'bully', '--down', '5', '--initiators', '5'], '5 is down, and notices nothing'],
    [['simulate', '--election', 'bully', '--down', 'five'], 'Give ids, such as 5 or 6,7,8.'],
    [['simulate', '--election', 'bully', '--nodes', '1', '--down', '1'], 'somebody must be left to notice'],
    [['bench', 'failover', '--trials', '0'], 'Give a whole number from 1 to 100.'],
    [['bench', 'failover', '--with', 'zookeeper'], 'Allowed choices are etcd, none.'],
    [['bench', 'failover', '--rest', 'long'], 'Give a whole number from 0 to 120.'],
    [['export'], 'say what to write: --shiviz or --jsonl'],
    [['export', '--shiviz', '--jsonl'], "'--shiviz' cannot be used with option '--jsonl'"],
    [['status', '--wach'], 'Did you mean --watch?'],
  ])('%o', async (args, said) => {
    const { code, out, err } = await lab(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(said);
    expect(err).not.toMatch(/^\s+at /m);
  });

  it('and so has no verb at all', async () => {
    const { code, err } = await lab([]);
    expect(code).toBe(2);
    expect(err).toContain('Usage: lab VERB [options]');
  });
});

describe('help', () => {
  it.each([
    [],
    ['up'],
    ['status'],
    ['kill'],
    ['restart'],
    ['pause'],
    ['resume'],
    ['elect'],
    ['export'],
    ['doctor'],
    ['scenarios'],
    ['simulate'],
    ['bench'],
    ['bench', 'failover'],
  ])('of "%s" begins with three examples', async (...verb) => {
    const { code, out } = await lab([...verb.flat(), '--help']);
    expect(code).toBe(0);
    const [heading, ...lines] = out.trim().split('\n');
    expect(heading).toBe('Examples:');
    expect(lines.slice(0, 3).every((line) => /^ {2}\S/.test(line))).toBe(true);
    expect(out).toContain('Usage: lab');
  });
});
