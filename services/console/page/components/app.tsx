/** The control room: clocks above, their course below, and what it all means beneath. */
import { useEffect, useRef } from 'preact/hooks';
import { listenToKeys } from '../keys.ts';
import { clocks, store } from '../model.ts';
import { ClaimPanel } from './claim-panel.tsx';
import { ClockCard } from './clock-card.tsx';
import { ErrorPanel } from './error-panel.tsx';
import { EventLog } from './event-log.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { Messages } from './messages.tsx';
import { MutexPanel } from './mutex-panel.tsx';
import { NumbersTable } from './numbers-table.tsx';
import { Verdicts } from './verdicts.tsx';

export function App() {
  const help = useRef<HTMLDialogElement>(null);
  const openHelp = (): void => help.current?.showModal();
  useEffect(() => listenToKeys(openHelp), []);

  const shown = clocks.value;
  const connection = store.connection.value.is;
  return (
    <div class={`room ${connection === 'live' ? '' : 'stale'}`}>
      <Header openHelp={openHelp} />
      <main>
        {shown.length === 0 ? (
          <p class="waiting">
            {connection === 'refused'
              ? 'Not admitted. Open the address that the control room printed when it started.'
              : 'Waiting for the control room…'}
          </p>
        ) : (
          <>
            <section class={`clocks ${shown.length > 8 ? 'dense' : ''}`} aria-label="Clocks">
              {shown.map((node, i) => (
                <ClockCard key={node.name} node={node} digit={i < 9 ? i + 1 : undefined} />
              ))}
            </section>
            <div class="course">
              <ErrorPanel />
              <ClaimPanel />
              <EventLog />
            </div>
            <div class="beneath">
              <Verdicts />
              <MutexPanel />
              <Messages />
              <NumbersTable />
            </div>
          </>
        )}
      </main>
      <p class="unseen" role="status">
        {store.announcement}
      </p>
      <Help dialog={help} />
    </div>
  );
}
