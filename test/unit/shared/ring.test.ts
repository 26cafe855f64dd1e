/** The ring election where a list is lost: whoever sent it out is never left without leader, list and timer. */
import { describe, expect, it } from 'vitest';
import { electionDefaults } from '../../../shared/election/config.ts';
import { type Election, election } from '../../../shared/election/election.ts';
import { incarnation } from '../../../shared/protocol.ts';
import { Bench, member, one, term, three, two } from './given.ts';

const sentOut = (): Bench<Election> =>
  new Bench<Election>(election({ ...electionDefaults, algorithm: 'ring' }), member(one)).ring('election.listen', 500_000);
const announced = (bench: Bench<Election>): Bench<Election> =>
  bench.hear(
    two,
    { kind: 'ring.coordinator', initiator: two, incarnation: incarnation(1), attempt: 1, term: term(three), list: [two, three, one], hops: 1 },
    600_000,
  );

describe('a list that does not come back', () => {
  it('is sent out again', () => {
    expect(sentOut().ring('ring.lap', 800_000).event('election.started')).toMatchObject({ why: 'its list did not come back' });
  });
  it('is not where another announced a leader meanwhile', () => {
    expect(announced(sentOut()).ring('ring.lap', 800_000).event('election.started')).toBeUndefined();
  });
  it('is where that leader is lost again before the lap is over', () => {
    const lost = announced(sentOut()).give({ kind: 'trusted', peer: three, incarnation: incarnation(2) }, 650_000);
    expect(lost.state.office.leader).toBeUndefined();
    expect(lost.ring('ring.lap', 800_000).event('election.started')).toMatchObject({ why: 'its list did not come back' });
  });
});
