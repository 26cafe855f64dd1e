/**
 * Bully (Garcia-Molina 1982, IEEE ToC C-31(1):48-59, in Tanenbaum's form): the highest live process leads.
 *
 * Whoever notices that the leader is gone asks every process above it. Each that lives answers OK and asks those above
 * itself. Who hears nothing within a time-out has nobody above it, and announces itself to all.
 *
 * Elections are numbered, and a process takes part in at most one of each number, and in none once it has accepted the
 * outcome of that number or a later one. A mere flag would not do: an announcement can overtake a call, which would then
 * start everything anew. The proof that one leader comes out rests on links that never fail and delays below the
 * time-outs; `safe` in `bully/voting.ts` does not.
 */
import { compareTerms, type NodeId, type Reading, type Term, unreachable } from '../protocol.ts';
import { elapsed, sum } from '../time.ts';
import { enfranchised, leaseEnd } from './bully/mandate.ts';
import { announcement, type Bully, type BullyMessage, type BullySeat, type BullyTurn, concluded } from './bully/vocabulary.ts';
import { propose, receiveVote, renew, renewed, resume } from './bully/voting.ts';
import type { ElectionConfig } from './config.ts';
import { afterwards, type Contest, ruled, still } from './contest.ts';
import { accept, claimed, leads, ownTerm, raised } from './office.ts';

export function bully(config: ElectionConfig): Contest<Bully> {
  const safe = config.mode === 'safe';
  return {
    start: (now, found) => ({ started: 0, own: undefined, mandate: enfranchised(config, now, found) }),
    busy: ({ own }) => own !== undefined,
    concluded,
    begin: (seat, why, now) => begin(seat, Math.max(seat.office.floor, seat.contest.started) + 1, why, now),
    receive,
    expire,
    undelivered: still,
    heard(seat, from, beat, now) {
      if (!safe) return still(seat);
      return beat.kind === 'heartbeat.beat' ? renew(config, seat, from, beat, now) : renewed(config, seat, from, beat, now);
    },
    lapsed: ({ mandate }, { member }, now) => safe && leaseEnd(mandate, member.members.length) <= now.mono,
  };

  function begin(seat: BullySeat, number: number, why: string, now: Reading): BullyTurn {
    const { member } = seat.office;
    const above = member.members.filter((id) => id > member.self);
    const asking: BullySeat = { ...seat, contest: { ...seat.contest, started: number, own: { number, phase: 'asking' } } };
    const started = { kind: 'emit', event: { kind: 'election.started', number, why } } as const;
    if (above.length === 0) {
      const turn = win(asking, number, now);
      return { ...turn, effects: [started, ...turn.effects] };
    }
    return {
      ...asking,
      effects: [
        started,
        ...above.map((to) => ({ kind: 'send', to, message: { kind: 'bully.election', number } }) as const),
        { kind: 'set-timer', timer: 'bully.answer', after: config.answerWithin },
        { kind: 'set-timer', timer: 'bully.coordinator', after: config.coordinatorWithin },
      ],
    };
  }

  function receive(seat: BullySeat, from: NodeId, message: BullyMessage, now: Reading): BullyTurn {
    switch (message.kind) {
      case 'bully.election':
        return answer(seat, from, message.number, now);
      case 'bully.ok':
        return answered(seat, message);
      case 'bully.coordinator':
        return told(seat, message.term);
      default:
        return receiveVote(config, seat, from, message, now);
    }
  }

  /** Whoever leads already may say so again, to one who has called: what was waited for is over then as well. */
  function told(seat: BullySeat, term: Term): BullyTurn {
    const again = seat.office.leader === term.node && seat.office.term !== undefined && compareTerms(seat.office.term, term) === 0;
    return again ? concluded(seat) : ruled(seat, claimed(seat.office, term, 'bully.coordinator'), concluded);
  }

  /** Answers OK in any case, and takes part unless it has: in this election, or in its outcome. */
  function answer(seat: BullySeat, from: NodeId, number: number, now: Reading): BullyTurn {
    const { office, contest } = seat;
    const ok = { kind: 'send', to: from, message: { kind: 'bully.ok', number, floor: office.floor } } as const;
    const decided = office.term !== undefined && office.term.number >= number;
    const voting = contest.own?.phase === 'proposing' || contest.own?.phase === 'waiting';
    if (number <= contest.started || decided || voting) return { ...seat, effects: [ok] };
    // A lease is worth more than a suspicion: whoever holds one, and has missed no term since, says so again.
    if (safe && leads(office) && office.term !== undefined && number === office.term.number + 1) {
      return { ...seat, effects: [ok, { kind: 'send', to: from, message: { kind: 'bully.coordinator', term: office.term } }] };
    }
    const turn = begin(seat, number, `${from} asked`, now);
    return { ...turn, effects: [ok, ...turn.effects] };
  }

  function answered(seat: BullySeat, { number, floor }: Extract<BullyMessage, { kind: 'bully.ok' }>): BullyTurn {
    const { own } = seat.contest;
    const office = raised(seat.office, floor);
    if (own?.phase !== 'asking' || own.number !== number) return { ...seat, office, effects: [] };
    const contest = { ...seat.contest, own: { number, phase: 'answered' } as const };
    return { office, contest, effects: [{ kind: 'clear-timer', timer: 'bully.answer' }] };
  }

  function expire(seat: BullySeat, timer: Bully['timer'], now: Reading): BullyTurn {
    const { own } = seat.contest;
    const over: BullySeat = { ...seat, contest: { ...seat.contest, own: undefined } };
    switch (timer) {
      case 'bully.answer':
        return own?.phase === 'asking' ? win(seat, own.number, now) : still(seat);
      case 'bully.coordinator':
        // Whoever answered, or was voted for, has crashed in between.
        if (own === undefined && seat.office.leader !== undefined) return still(seat);
        // Nobody can be elected yet with the vote of a process without memory, and at a cold start none has any.
        if (own?.phase === 'answered' && safe && seat.contest.mandate.barred > now.mono) return { ...seat, effects: [patience(seat, now)] };
        return own === undefined || own.phase === 'answered' ? { ...over, effects: [], call: 'nobody announced itself' } : still(seat);
      case 'bully.votes':
      case 'bully.propose':
      case 'bully.lease':
        return resume(config, seat, timer, now);
      default:
        return unreachable(timer);
    }
  }

  function patience({ contest }: BullySeat, now: Reading): BullyTurn['effects'][number] {
    return { kind: 'set-timer', timer: 'bully.coordinator', after: sum(elapsed(now.mono, contest.mandate.barred), config.coordinatorWithin) };
  }

  /** Nobody above answers: announces itself to all who are configured, or asks them first whether it may. */
  function win(seat: BullySeat, number: number, now: Reading): BullyTurn {
    if (safe) return propose(config, seat, now);
    const term = ownTerm(seat.office, number);
    return afterwards(ruled(seat, accept(seat.office, term), concluded), (next) => ({ ...next, effects: announcement(next, term) }));
  }
}
