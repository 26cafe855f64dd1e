/** Alarms of true time: never early, in their turn, and not at all once they are called off. */
import { describe, expect, it } from 'vitest';
import { Alarms } from '../../../services/node/alarm.ts';
import { trueNow } from '../../../services/node/clock.ts';
import { later, microseconds, type TrueTime } from '../../../shared/time.ts';

const inTime = (us: number): TrueTime => later(trueNow(), microseconds(us));

describe('an alarm', () => {
  it('never runs before its instant, however close that is', async () => {
    const alarms = new Alarms();
    const early = await Promise.all(
      Array.from({ length: 60 }, (_, i) => {
        const due = inTime(i * 137);
        return new Promise<boolean>((resolve) => alarms.at(due, () => resolve(trueNow() < due)));
      }),
    );
    expect(early.filter(Boolean)).toEqual([]);
  });

  it('does not run once it is called off, or all are stopped', async () => {
    const alarms = new Alarms();
    const ran: string[] = [];
    const calledOff = alarms.at(inTime(1_000), () => ran.push('called off'));
    calledOff();
    await new Promise<void>((resolve) => alarms.at(inTime(3_000), resolve));
    alarms.at(inTime(1_000), () => ran.push('stopped'));
    alarms.stop();
    await new Promise<void>((resolve) => new Alarms().at(inTime(3_000), resolve));
    expect(ran).toEqual([]);
  });
});
