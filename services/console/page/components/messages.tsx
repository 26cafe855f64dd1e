/** How many messages of each kind were sent, and what became of them. */
import { count } from '../format.ts';
import { store } from '../model.ts';

export function Messages() {
  const kinds = Object.entries(store.shown.value?.messages ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
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
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
