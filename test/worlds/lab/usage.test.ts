/** The command line as a process: its exit codes, and what goes where. */
import { expect, it } from 'vitest';
import { lab } from './command-line.ts';

it('tells a wrong verb from a right one, by its exit code', async () => {
  expect(await lab(['kil', 'master'])).toEqual({ code: 2, out: '', err: expect.stringContaining('Did you mean kill?') });
});

it('says what to do where no cluster runs, as text or as JSON', async () => {
  const nowhere = { CONSOLE_PORT: '1', PATH: '' };
  expect(await lab(['status'], nowhere)).toEqual({
    code: 1,
    out: '',
    err: 'no cluster is running: start one with npm start, or with docker compose up\n',
  });
  expect(await lab(['kill', 'master', '--json'], nowhere)).toEqual({
    code: 1,
    out: '{"ok":false,"error":"no cluster is running: start one with npm start, or with docker compose up"}\n',
    err: '',
  });
});

it('the doctor looks at everything, and does without Docker', async () => {
  const { code, out } = await lab(['doctor', '--json'], { PATH: '', LOCKSTEP_PORT_BASE: '20000', CONSOLE_PORT: '29999' });
  const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: { what: string; is: string; says: string }[] };
  expect(new Set(checks.map(({ what }) => what))).toEqual(new Set(['Node', 'npm', 'ports', 'memory', 'page', 'Engine', 'Compose']));
  expect(checks.find(({ what }) => what === 'Engine')).toEqual({
    what: 'Engine',
    is: 'warning',
    says: 'no Docker Engine answers: npm start does without it',
  });
  expect(ok).toBe(checks.every(({ is }) => is !== 'problem'));
  expect(code).toBe(ok ? 0 : 1);
});
