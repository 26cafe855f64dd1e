/** A suspicion is judged by the signs of life from around its instant. All instants are in milliseconds. */
import { describe, expect, it } from 'vitest';
import { Suspicions } from '../../../services/console/suspicions.ts';
import { nodeId } from '../../../shared/protocol.ts';

const MASTER = nodeId(5);
const ms = 1_000;

/** A node that vouches for itself ten times a second from `from` to `to`. */
function runs(suspicions: Suspicions, from: number, to: number): void {
  for (let at = from; at <= to; at += 100) suspicions.sign(MASTER, at * ms);
}

const found = (suspicions: Suspicions) => {
  suspicions.judge(60_000 * ms);
  return { after: suspicions.detections().map((us) => us / ms), wrong: suspicions.wrong };
};

describe('a suspicion', () => {
  it('of a node that was killed is right, and only the first counts', () => {
    const suspicions = new Suspicions();
    runs(suspicions, 0, 5_000);
    for (const at of [5_900, 5_950, 6_100]) suspicions.suspected(MASTER, at * ms);
    expect(found(suspicions)).toEqual({ after: [900], wrong: 0 });
  });

  it('of a node that was paused is right, also when it goes on before that is judged', () => {
    const suspicions = new Suspicions();
    runs(suspicions, 0, 5_000);
    suspicions.suspected(MASTER, 5_900 * ms);
    runs(suspicions, 6_200, 9_000);
    expect(found(suspicions)).toEqual({ after: [900], wrong: 0 });
  });

  it('of a node that was killed and came back at once is right', () => {
    const suspicions = new Suspicions();
    runs(suspicions, 0, 5_000);
    suspicions.suspected(MASTER, 5_200 * ms);
    suspicions.anew(MASTER, 5_300 * ms);
    runs(suspicions, 5_400, 9_000);
    expect(found(suspicions)).toEqual({ after: [200], wrong: 0 });
  });

  it('of a node that ran is wrong, whenever its signs of life arrive', () => {
    const suspicions = new Suspicions();
    runs(suspicions, 0, 5_000);
    suspicions.suspected(MASTER, 5_050 * ms);
    suspicions.judge(5_100 * ms);
    expect(suspicions.wrong).toBe(0);
    runs(suspicions, 5_100, 6_100);
    expect(found(suspicions)).toEqual({ after: [], wrong: 1 });
  });

  it('of a node that was never there is neither', () => {
    const suspicions = new Suspicions();
    suspicions.suspected(MASTER, 900 * ms);
    suspicions.sign(MASTER, 2_000 * ms);
    expect(found(suspicions)).toEqual({ after: [], wrong: 0 });
  });

  it('is right again each time that it stops', () => {
    const suspicions = new Suspicions();
    for (const from of [0, 10_000, 20_000]) {
      runs(suspicions, from, from + 5_000);
      suspicions.suspected(MASTER, (from + 5_875) * ms);
    }
    expect(found(suspicions)).toEqual({ after: [875, 875, 875], wrong: 0 });
    expect(suspicions.detections()).toEqual([]);
  });
});
