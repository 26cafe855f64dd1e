/** How many messages of each kind were sent, and what became of them; of the last election also what it should have cost. */
import type { ElectionView } from '../../live-frames.ts';
import { allowed, count, term } from '../format.ts';
import { store } from '../model.ts';

export function Messages() {
  const kinds = Object.entries(store.shown.value?.messages ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const last = store.shown.value?.elections.last ?? null;
  return (
    <section class="panel messages" aria-labelledby="messages-title">
      <div class="panel-head">
        <h2 id="messages-title">Messages</h2>
      </div>
      <section class="scroll" tabIndex={0} aria-labelledby="messages-title">
        <table>
          <thead>
            <tr>
              <th scope="col">kind</th>
              <th scope="col">attempted</th>
              <th scope="col">delivered</th>
              <th scope="col">dropped</th>
              <th scope="col">unanswered</th>
              <th scope="col">last election</th>
              <th scope="col">theory</th>
            </tr>
          </thead>
          <tbody>
            {kinds.map(([kind, c]) => (
              <tr key={kind}>
                <th scope="row">{kind}</th>
                <td>{count(c.attempted)}</td>
                <td>{count(c.delivered)}</td>
                <td>{count(c.dropped)}</td>
                <td>{count(c.unanswered)}</td>
                <td>{delivered(last, kind)}</td>
                <td>{theory(last, kind)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {last === null ? null : (
        <p class="soft">
          Last election: {last.initiators.join(', ')} called, {last.leader ?? 'nobody'} leads in term {term(last.term)}; {count(last.delivered)}{' '}
          messages delivered, in theory {allowed(last.expected)}: {last.verdict.verdict}
        </p>
      )}
    </section>
  );
}

/** Delivered, as the forms count it. */
const delivered = (last: ElectionView | null, kind: string): string => {
  const counted = last?.messages[kind];
  return counted === undefined ? '' : count(counted.delivered);
};

const theory = (last: ElectionView | null, kind: string): string => {
  const counted = last?.messages[kind];
  return counted === undefined ? '' : allowed(counted.expected.delivered);
};
