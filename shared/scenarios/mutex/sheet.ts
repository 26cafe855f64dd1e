/** How the lab sheet might have told of a critical section: its title promises one, and none of its programs has it. */
import type { Run } from '../../scenario.ts';

export const turnsSheet = ({ history }: Run): readonly string[] =>
  history.flatMap((e) => {
    switch (e.kind) {
      case 'mutex.requested':
        return [`Process ${e.node} wants to enter the critical section`];
      case 'mutex.entered':
        return [`Process ${e.node} enters the critical section`];
      case 'mutex.written':
        return [`Process ${e.node} writes ${e.value}`];
      case 'mutex.exited':
        return [`Process ${e.node} leaves the critical section`];
      default:
        return [];
    }
  });
