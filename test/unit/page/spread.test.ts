import { describe, expect, it } from 'vitest';
import { moodOf } from '../../../services/console/page/spread.ts';
import { nodeView } from './frames.ts';

const members = (...bounds: (number | null)[]) => bounds.map((boundUs, i) => nodeView(`n${i}`, { boundUs }));

describe('the spread', () => {
  it('is calm up to the sum of the two largest bounds', () => {
    expect(moodOf({ nodes: members(900, 0, 700), spreadUs: 1_600 })).toBe('calm');
    expect(moodOf({ nodes: members(900, 0, 700), spreadUs: 1_601 })).toBe('converging');
  });

  it('is not calm while a member claims nothing', () => expect(moodOf({ nodes: members(900, null), spreadUs: 1 })).toBe('converging'));

  it('asks neither devices nor those that are down', () => {
    const nodes = [...members(900, 0), nodeView('mobile', { boundUs: null }, { role: 'device' }), nodeView('gone', { boundUs: null }, { up: false })];
    expect(moodOf({ nodes, spreadUs: 800 })).toBe('calm');
  });

  it('is unknown where there is none', () => expect(moodOf({ nodes: members(900), spreadUs: null })).toBe('unknown'));
});
