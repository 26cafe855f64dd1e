/** The clock rule that a node runs, as one part: each input goes to the rule whose name it bears. */
import { type Berkeley, berkeley } from '../clock/berkeley.ts';
import { type Cristian, cristian } from '../clock/cristian.ts';
import { type Marzullo, marzullo, defaults as marzulloDefaults } from '../clock/marzullo.ts';
import type { Effect, Input, Member, Reading } from '../protocol.ts';
import type { Clock, Node, NodeConfig } from './words.ts';

export interface ClockTurn {
  readonly state: Clock;
  readonly effects: readonly Effect<Node>[];
}

export interface Clocks {
  start(rule: Clock['rule'], member: Member, now: Reading): ClockTurn;
  /** Another rule, for a clock that goes on as it is: how often it was corrected counts on. */
  exchange(clock: Clock, rule: Clock['rule'], member: Member, now: Reading): ClockTurn;
  /** `undefined` for an input that belongs to another rule than the one that runs. */
  step(clock: Clock, input: Input<Node>, now: Reading): ClockTurn | undefined;
}

export function clocks(config: Pick<NodeConfig, 'cristian' | 'berkeley' | 'marzullo'>): Clocks {
  const rules = {
    cristian: cristian(config.cristian),
    berkeley: berkeley(config.berkeley),
    marzullo: marzullo(config.marzullo ?? marzulloDefaults),
  };

  return {
    start(rule, member, now) {
      const { state, effects } = rules[rule].start(member, now);
      return { state: { rule, state } as Clock, effects };
    },

    exchange({ state: { standing } }, rule, member, now) {
      const { state, effects } = rules[rule].start(member, now);
      return { state: { rule, state: { ...state, standing } } as Clock, effects };
    },

    step(clock, input, now) {
      switch (clock.rule) {
        case 'cristian': {
          if (!isCristians(input)) return undefined;
          const { state, effects } = rules.cristian.step(clock.state, input, now);
          return { state: { rule: 'cristian', state }, effects };
        }
        case 'berkeley': {
          if (!isBerkeleys(input)) return undefined;
          const { state, effects } = rules.berkeley.step(clock.state, input, now);
          return { state: { rule: 'berkeley', state }, effects };
        }
        case 'marzullo': {
          if (!isMarzullos(input)) return undefined;
          const { state, effects } = rules.marzullo.step(clock.state, input, now);
          return { state: { rule: 'marzullo', state }, effects };
        }
      }
    },
  };
}

/** Kinds carry the name of their protocol; an input of no protocol in particular belongs to each. */
const belongs = (input: Input<Node>, messages: 'cristian' | 'berkeley', timers: Clock['rule']): boolean =>
  input.kind === 'message' ? input.message.kind.startsWith(`${messages}.`) : input.kind !== 'timer' || input.timer.startsWith(`${timers}.`);
const isCristians = (input: Input<Node>): input is Input<Cristian> => belongs(input, 'cristian', 'cristian');
const isBerkeleys = (input: Input<Node>): input is Input<Berkeley> => belongs(input, 'berkeley', 'berkeley');
/** A client of several servers speaks Cristian's messages. */
const isMarzullos = (input: Input<Node>): input is Input<Marzullo> => belongs(input, 'cristian', 'marzullo');

export const isClocks = (name: string): boolean => /^(?:cristian|berkeley|marzullo)\./.test(name);
