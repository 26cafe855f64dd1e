/**
 * The safe variant of Bully (ours; the design's section 3.4): whoever would announce itself asks all first, and announces
 * itself only with the votes of a majority. It then acts while a majority goes on letting it, which heartbeats renew.
 *
 * A side of a partition without a majority elects nobody, and a leader that stood still finds its lease over before it
 * does anything else. It costs N - 1 PROPOSE and as many ACCEPT as others live.
 */
import { compareTerms, type NodeId, type Reading, type Term } from '../../protocol.ts';
import { elapsed, later, longest, type MonoTime, microseconds, sum } from '../../time.ts';
import type { ElectionConfig } from '../config.ts';
import { afterwards, ruled, still } from '../contest.ts';
import type { Beat, BeatAck } from '../failure-detector.ts';
import { accept, heardOf, isStale, leads, ownTerm, raised, stepDown } from '../office.ts';
import { grant, granted, leaseEnd, type Mandate, majority, outdated, type Refused, refusal } from './mandate.ts';
import { announcement, type Bully, type BullyMessage, type BullySeat, type BullyTurn, concluded, others, type Refusal } from './vocabulary.ts';

type Vote = Exclude<BullyMessage, { readonly kind: 'bully.election' | 'bully.ok' | 'bully.coordinator' }>;

/** Asks everyone for their vote, beginning with itself. Whoever leads does so no more: the votes for the old term are given up. */
export function propose(config: ElectionConfig, seat: BullySeat, now: Reading): BullyTurn {
  const vacated = stepDown(seat.office, 'it asks for another term');
  return afterwards({ ...seat, ...vacated }, ({ office, contest }) => ask(config, { office, contest }, now));
}

function ask(config: ElectionConfig, seat: BullySeat, now: Reading): BullyTurn {
  const { office, contest } = seat;
  const { self, members } = office.member;
  const term = ownTerm(office, office.floor + 1);
  const refused = refusal(contest.mandate, term, now);
  if (refused !== undefined) return wait(seat, later(now.mono, refused.remaining), config, now);
  const mandate: Mandate = { ...grant(contest.mandate, config, term, self, now), asked: { term, at: now.mono }, grants: new Map(), wait: now.mono };
  // Whom it followed until now leads in an older term, of which it would believe nothing any more.
  const asking = {
    office: { ...heardOf(office, term), leader: undefined },
    contest: { ...contest, mandate, own: { number: term.number, phase: 'proposing' } as const },
  };
  const asked: BullyTurn = {
    ...asking,
    effects: [
      { kind: 'persist', keep: { term } },
      { kind: 'emit', event: { kind: 'election.granted', term } },
      { kind: 'clear-timer', timer: 'bully.coordinator' },
      ...others(seat).map((to) => ({ kind: 'send', to, message: { kind: 'bully.propose', term } }) as const),
      { kind: 'set-timer', timer: 'bully.votes', after: config.answerWithin },
    ],
  };
  return majority(members.length) === 1 ? afterwards(asked, (s) => assume(s, now)) : asked;
}

export function receiveVote(config: ElectionConfig, seat: BullySeat, from: NodeId, message: Vote, now: Reading): BullyTurn {
  switch (message.kind) {
    case 'bully.propose':
      return vote(config, seat, from, message, now);
    case 'bully.accept':
      return count(config, seat, from, message, now);
    case 'bully.refuse':
      return postpone(seat, message, now);
  }
}

function vote(config: ElectionConfig, seat: BullySeat, from: NodeId, { term }: { readonly term: Term }, now: Reading): BullyTurn {
  const refused = refusalOf(seat, term, now);
  if (refused !== undefined) {
    // A request is no leadership: what is refused raises no term, or one process that hears badly could undo a leader.
    const office = raised(seat.office, term.number);
    const message = { kind: 'bully.refuse', term, floor: office.floor, remaining: refused.remaining } as const;
    return {
      ...seat,
      office,
      effects: [
        { kind: 'emit', event: { kind: 'election.refused', term, why: refused.why } },
        { kind: 'send', to: from, message },
      ],
    };
  }
  const { office, effects } = stepDown(heardOf(seat.office, term), `${from} asks for a later term`);
  // Whoever asks has waited for everyone above: what was under way here is overtaken, unless nothing comes of the vote.
  const overtaken = concluded({ office: { ...office, leader: undefined }, contest: seat.contest });
  const mandate = grant(seat.contest.mandate, config, term, office.member.self, now);
  // Whoever made way for another must allow for the grants to itself, which the other has to wait for.
  const patience = effects.length > 0 ? sum(config.lease, config.coordinatorWithin) : config.coordinatorWithin;
  return {
    ...overtaken,
    contest: { ...overtaken.contest, mandate },
    effects: [
      { kind: 'persist', keep: { term } },
      ...effects,
      ...overtaken.effects,
      { kind: 'emit', event: { kind: 'election.granted', term } },
      { kind: 'send', to: from, message: { kind: 'bully.accept', term } },
      { kind: 'set-timer', timer: 'bully.coordinator', after: patience },
    ],
  };
}

/** Why `term` gets no vote here. A leader whose lease runs makes way for those above it, and for nobody else. */
function refusalOf({ office, contest }: BullySeat, term: Term, now: Reading): Refused | undefined {
  if (isStale(office, term)) return outdated;
  const end = leads(office) && term.node < office.member.self ? leaseEnd(contest.mandate, office.member.members.length) : now.mono;
  if (end > now.mono) return { why: 'it leads, and its lease runs', remaining: elapsed(now.mono, end) };
  return refusal(contest.mandate, term, now);
}

function count(config: ElectionConfig, seat: BullySeat, from: NodeId, { term }: { readonly term: Term }, now: Reading): BullyTurn {
  const { office, contest } = seat;
  const { asked } = contest.mandate;
  if (asked === undefined || !isSame(asked.term, term)) return still(seat);
  if (contest.own?.phase !== 'proposing' && !leads(office)) return still(seat);
  const counted = { office, contest: { ...contest, mandate: granted(contest.mandate, config, from, asked.at) } };
  // Votes that are counted only after a pause may let it act no more: it asks again when its patience is over.
  const acts = leaseEnd(counted.contest.mandate, office.member.members.length) > now.mono;
  return acts && !leads(office) ? assume(counted, now) : still(counted);
}

/** A majority lets this process lead. */
function assume(seat: BullySeat, now: Reading): BullyTurn {
  const { asked } = seat.contest.mandate;
  if (asked === undefined) return still(seat);
  return afterwards(ruled(seat, accept(seat.office, asked.term), concluded), (next) => ({
    ...next,
    effects: [...leased(next, now), ...announcement(next, asked.term)],
  }));
}

/** How long the lease lasts from now, told and timed. */
function leased({ office, contest }: BullySeat, now: Reading): BullyTurn['effects'] {
  const { asked } = contest.mandate;
  const end = leaseEnd(contest.mandate, office.member.members.length);
  if (asked === undefined || !Number.isFinite(end)) return [];
  const lasts = elapsed(now.mono, end);
  return [
    { kind: 'emit', event: { kind: 'election.lease', term: asked.term, lasts } },
    { kind: 'set-timer', timer: 'bully.lease', after: longest(microseconds(1), lasts) },
  ];
}

function postpone(seat: BullySeat, { term, floor, remaining }: Refusal, now: Reading): BullyTurn {
  const office = raised(seat.office, floor);
  const { mandate } = seat.contest;
  if (mandate.asked === undefined || !isSame(mandate.asked.term, term)) return still({ ...seat, office });
  const wait = Math.max(mandate.wait, later(now.mono, remaining)) as MonoTime;
  return still({ office, contest: { ...seat.contest, mandate: { ...mandate, wait } } });
}

/** A voter hears the beat of the leader whom it follows: its grant runs anew, and the leader is told. */
export function renew(config: ElectionConfig, seat: BullySeat, from: NodeId, { leader, term, sent }: Beat, now: Reading): BullyTurn {
  if (leader !== from || term?.node !== from || seat.office.leader !== from) return still(seat);
  const { mandate } = seat.contest;
  const mine = isSame(mandate.granted, term) && mandate.barred <= now.mono;
  if (!mine && refusal(mandate, term, now) !== undefined) return still(seat);
  const contest = { ...seat.contest, mandate: grant(mandate, config, term, seat.office.member.self, now) };
  const ack = { kind: 'send', to: from, message: { kind: 'heartbeat.ack', term, sent } } as const;
  return {
    ...seat,
    contest,
    effects: mine ? [ack] : [{ kind: 'persist', keep: { term } }, { kind: 'emit', event: { kind: 'election.granted', term } }, ack],
  };
}

/** The leader hears that a grant was renewed when its beat, sent at `sent`, arrived. */
export function renewed(config: ElectionConfig, seat: BullySeat, from: NodeId, { term, sent }: BeatAck, now: Reading): BullyTurn {
  const { office, contest } = seat;
  const { asked } = contest.mandate;
  if (!leads(office) || asked === undefined || !isSame(asked.term, term) || sent > now.mono) return still(seat);
  const size = office.member.members.length;
  const mandate = granted(contest.mandate, config, from, sent);
  const after = { office, contest: { ...contest, mandate } };
  return leaseEnd(mandate, size) > leaseEnd(contest.mandate, size) ? { ...after, effects: leased(after, now) } : still(after);
}

export function resume(config: ElectionConfig, seat: BullySeat, timer: Bully['timer'], now: Reading): BullyTurn {
  const { office, contest } = seat;
  const free: BullySeat = { office, contest: { ...contest, own: undefined } };
  switch (timer) {
    case 'bully.votes':
      return contest.own?.phase === 'proposing' ? wait(seat, contest.mandate.wait, config, now) : still(seat);
    case 'bully.propose':
      return stillUnasked(seat) ? propose(config, seat, now) : { ...free, effects: [], call: 'it waited to ask again' };
    default: {
      if (!leads(office) || leaseEnd(contest.mandate, office.member.members.length) > now.mono) return still(seat);
      const { office: vacated, effects } = stepDown(office, 'its lease ran out');
      return { ...free, office: vacated, effects, call: 'its lease ran out' };
    }
  }
}

/**
 * Whether this process has waited for its own grant to run out, before it asked anybody, and has heard of nobody above
 * since: it need not wait for their answers a second time.
 */
function stillUnasked({ office: { member, suspects }, contest: { own, mandate } }: BullySeat): boolean {
  if (own?.phase !== 'waiting' || mandate.asked?.term.number === own.number) return false;
  return member.members.every((id) => id <= member.self || suspects.has(id));
}

/** Asks again when running grants are over, and not at the same moment as everyone else who waits. */
function wait(seat: BullySeat, until: MonoTime, config: ElectionConfig, now: Reading): BullyTurn {
  const after = microseconds(Math.max(0, elapsed(now.mono, until)) + now.chance * config.answerWithin * waitSpread);
  const { number } = seat.contest.own ?? { number: seat.contest.started };
  const contest = { ...seat.contest, own: { number, phase: 'waiting' } as const };
  return { ...seat, contest, effects: [{ kind: 'set-timer', timer: 'bully.propose', after }] };
}

const waitSpread = 0.5;

const isSame = (a: Term | undefined, b: Term): boolean => a !== undefined && compareTerms(a, b) === 0;
