/** The charts' numbers as a table, once a second: for those who read rather than look. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { StateView } from '../../live-frames.ts';
import * as format from '../format.ts';
import { clocks, store } from '../model.ts';

export function NumbersTable() {
  const state = useSignal<StateView | undefined>(store.shown.peek());
  useEffect(() => {
    const timer = setInterval(() => {
      state.value = store.shown.peek();
    }, 1_000);
    return () => clearInterval(timer);
  }, []);

  return (
    <section class="panel numbers" aria-labelledby="numbers-title">
      <div class="panel-head">
        <h2 id="numbers-title">
          Numbers <span class="soft">once a second</span>
        </h2>
      </div>
      <section class="scroll" tabIndex={0} aria-labelledby="numbers-title">
        <table>
          <thead>
            <tr>
              <th scope="col">clock</th>
              <th scope="col">error</th>
              <th scope="col">offset</th>
              <th scope="col">true offset</th>
              <th scope="col">bound</th>
              <th scope="col">status</th>
            </tr>
          </thead>
          <tbody>
            {clocks.value.map(({ name }) => {
              const view = state.value?.nodes.find((n) => n.name === name);
              const clock = view?.up ? view.clock : undefined;
              return (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{format.signed(clock?.errorUs)}</td>
                  <td>{format.signed(clock?.offsetUs)}</td>
                  <td>{format.signed(clock?.trueOffsetUs)}</td>
                  <td>{format.bound(clock?.boundUs)}</td>
                  <td>{clock?.status ?? 'down'}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </section>
  );
}
