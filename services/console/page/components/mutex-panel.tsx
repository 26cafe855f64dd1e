/** The critical section: who is inside, who waits for whom, and what the ledger holds. */
import type { LedgerView, NodeView } from '../../live-frames.ts';
import { count, token } from '../format.ts';
import { store } from '../model.ts';
import { Padlock, shapes } from './icons.tsx';

export function MutexPanel() {
  const state = store.shown.value;
  const members = (state?.nodes ?? []).filter(({ role }) => role === 'member');
  return (
    <section class="panel mutex" aria-labelledby="mutex-title">
      <div class="panel-head">
        <h2 id="mutex-title">
          Critical section <span class="soft">{state?.mutex == null ? 'nobody takes it' : `guarded by ${state.mutex.algorithm}`}</span>
        </h2>
      </div>
      <section class="scroll" tabIndex={0} aria-labelledby="mutex-title">
        <table>
          <thead>
            <tr>
              <th scope="col">member</th>
              <th scope="col">stands</th>
              <th scope="col">waits for</th>
              <th scope="col">entries</th>
            </tr>
          </thead>
          <tbody>
            {members.map((node) => (
              <tr key={node.name}>
                <th scope="row">{node.name}</th>
                <td>
                  <Stands node={node} />
                </td>
                <td>{node.mutex?.waitingFor.join(', ')}</td>
                <td>{node.mutex === null ? '–' : count(node.mutex.entries)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {state?.ledger == null ? null : <p class="soft">{register(state.ledger)}</p>}
    </section>
  );
}

function Stands({ node: { up, mutex } }: { readonly node: NodeView }) {
  if (!up)
    return (
      <>
        <shapes.gone /> down
      </>
    );
  switch (mutex?.state) {
    case 'held':
      return (
        <>
          <Padlock /> inside{mutex.token === null ? '' : `, token ${token(mutex.token)}`}
        </>
      );
    case 'wanted':
      return <>wants to enter</>;
    default:
      return <>outside</>;
  }
}

function register({ value, accepted, refused, stale, overlaps }: LedgerView): string {
  const late = stale === 0 ? '' : `, ${count(stale)} taken too late`;
  return `The ledger holds ${value === null ? 'nothing yet' : count(value)}: ${count(accepted)} writes taken${late}, ${count(refused)} refused. Overlaps: ${count(overlaps)}.`;
}
