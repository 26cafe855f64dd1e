/** Who calls for an election where nobody in particular is asked to. */
import { expect, it } from 'vitest';
import type { NodeView } from '../../../services/console/live-frames.ts';
import { callerOf } from '../../../services/lab/elect.ts';

const node = (id: number, name: string, up: boolean, role: NodeView['role'] = 'member') => ({ id, name, role, up }) as NodeView;
const nodes = [node(101, 'mobile', true, 'device'), node(10, 'p10', true), node(9, 'p9', true), node(1, 'kmc', false)];

it('is the lowest member that is up, by number', () => expect(callerOf({ nodes }, undefined)).toBe('p9'));
it('is whoever is named, by name or id', () => {
  expect(callerOf({ nodes }, 'p10')).toBe('p10');
  expect(callerOf({ nodes }, '1')).toBe('kmc');
});
it.each(['mobile', '101', 'nobody'])('is never one without a vote: %s', (from) => {
  expect(() => callerOf({ nodes }, from)).toThrow(`there is no member ${from}: use one of p10, p9, kmc`);
});
it('is nobody where no member is up', () => expect(() => callerOf({ nodes: nodes.slice(3) }, undefined)).toThrow('no member is up'));
