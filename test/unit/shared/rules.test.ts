import { describe, expect, it } from 'vitest';
import { constant, uniform } from '../../../shared/faults/delay.ts';
import { judge, partition, type Rule } from '../../../shared/faults/rules.ts';
import { type NodeId, nodeId } from '../../../shared/protocol.ts';
import { stream } from '../../../shared/random.ts';
import { milliseconds } from '../../../shared/time.ts';

const one = nodeId(1);
const two = nodeId(2);
const three = nodeId(3);
const four = nodeId(4);
const packet = (from = one, to = two) => ({ from, to, kind: 'berkeley.poll' });
const fate = (rules: readonly Rule[], p = packet(), draw = 0.5) => judge(rules, p, () => draw);
const slow: Rule = { does: 'delay', delay: constant(milliseconds(10)) };

describe('the fate of a frame', () => {
  it('that no rule judges is to be delivered at once', () => expect(fate([])).toEqual({ kind: 'deliver', after: [0] }));

  it('under a delay is to be delivered once, after it', () => expect(fate([slow])).toEqual({ kind: 'deliver', after: [10_000] }));

  it('under a cut is to be dropped, and why is said', () => expect(fate([{ does: 'cut' }, slow])).toEqual({ kind: 'drop', why: 'cut' }));

  it('is lost where chance lies below the probability, and is left to the next rule where not', () => {
    const lossy: Rule = { does: 'lose', probability: 0.2 };
    expect(fate([lossy, slow], packet(), 0.19)).toEqual({ kind: 'drop', why: 'lost' });
    expect(fate([lossy, slow], packet(), 0.2)).toEqual({ kind: 'deliver', after: [10_000] });
    expect(fate([{ does: 'lose', probability: 1 }], packet(), 0.999999)).toEqual({ kind: 'drop', why: 'lost' });
    expect(fate([{ does: 'lose', probability: 0 }, slow], packet(), 0)).toEqual({ kind: 'deliver', after: [10_000] });
  });

  it('is decided by the first rule that matches its sender and its receiver', () => {
    const rules: readonly Rule[] = [{ does: 'cut', from: [one], to: [two] }, slow];
    expect(fate(rules, packet(one, two)).kind).toBe('drop');
    expect(fate(rules, packet(two, one)).kind).toBe('deliver');
    expect(fate(rules, packet(one, three)).kind).toBe('deliver');
    expect(fate([{ does: 'cut', to: [] }], packet()).kind).toBe('deliver');
  });

  it('is drawn anew for each frame', () => {
    const random = stream(1, 'link');
    const rules: readonly Rule[] = [{ does: 'delay', delay: uniform(milliseconds(5), milliseconds(25)) }];
    const delays = new Set(Array.from({ length: 100 }, () => JSON.stringify(judge(rules, packet(), random))));
    expect(delays.size).toBeGreaterThan(95);
  });

  it('is lost as often as was asked for', () => {
    const random = stream(1, 'loss');
    const lost = Array.from({ length: 20_000 }, () => judge([{ does: 'lose', probability: 0.2 }], packet(), random)).filter((f) => f.kind === 'drop');
    expect(Math.abs(lost.length / 20_000 - 0.2)).toBeLessThan(0.015);
  });
});

describe('a partition', () => {
  const rules = partition([[one, two], [three], [four]]);
  const passes = (from: NodeId, to: NodeId) => fate(rules, packet(from, to)).kind === 'deliver';

  it('cuts every pair of sides, in both directions', () => {
    expect([passes(one, three), passes(three, one), passes(three, four)]).toEqual([false, false, false]);
  });

  it('leaves each side whole, and nodes that it does not name', () => {
    expect([passes(one, two), passes(two, one), passes(one, nodeId(9)), passes(nodeId(9), three)]).toEqual([true, true, true, true]);
  });
});
