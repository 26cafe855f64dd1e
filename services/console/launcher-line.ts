/**
 * The line to the launcher that started this process, if one did: who kills processes must be outside of them.
 *
 * When the launcher dies its line closes, and the process ends too: nobody should have to look for what is left of a
 * cluster.
 */
import type { Act, OutsideVerb, Result } from './commands.ts';

/** What the console asks of the launcher, and what it hears in answer. */
export interface ActMessage {
  readonly type: 'act';
  readonly id: number;
  readonly verb: OutsideVerb;
  readonly node: string;
}
export interface ActedMessage extends Result {
  readonly type: 'acted';
  readonly id: number;
}

export interface LauncherLine {
  readonly act: Act;
  ready(): void;
}

const answerMs = 15_000;

/** `undefined` where nobody launched us. */
export function launcherLine(ended: () => void): LauncherLine | undefined {
  const say = process.send?.bind(process);
  if (say === undefined) return undefined;
  const waiting = new Map<number, (result: Result) => void>();
  let asked = 0;

  process.on('disconnect', ended);
  process.on('message', (message) => {
    const { type, id, ok, error } = message as Partial<ActedMessage>;
    if (type !== 'acted' || id === undefined || ok === undefined) return;
    waiting.get(id)?.(error === undefined ? { ok } : { ok, error });
  });

  return {
    act: (verb, node) =>
      new Promise((resolve) => {
        asked += 1;
        const id = asked;
        const late = setTimeout(() => finish({ ok: false, error: 'the launcher does not answer' }), answerMs);
        const finish = (result: Result): void => {
          clearTimeout(late);
          waiting.delete(id);
          resolve(result);
        };
        waiting.set(id, finish);
        say({ type: 'act', id, verb, node } satisfies ActMessage);
      }),
    ready: () => void say({ type: 'ready' }),
  };
}
