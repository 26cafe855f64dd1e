/** Who leads, how far the clocks are apart, and whether the page is live: what one sees from the last row. */
import { dashboardsAt } from '../dashboards.ts';
import * as format from '../format.ts';
import { store } from '../model.ts';
import { newest } from '../ring.ts';
import { moodOf } from '../spread.ts';
import { Crown, shapes } from './icons.tsx';

const moods = {
  unknown: { shape: shapes.plain, text: 'no clock known yet' },
  converging: { shape: shapes.warn, text: 'converging' },
  calm: { shape: shapes.good, text: 'within the claimed bounds' },
} as const;

export function Header({ openHelp }: { readonly openHelp: () => void }) {
  const state = store.shown.value;
  const paused = store.paused.value;
  const mood = state === undefined ? 'unknown' : moodOf(state);
  const Mood = moods[mood].shape;
  return (
    <header class="top">
      <h1>
        <Mark />
        Lockstep
      </h1>
      <p class="fact">
        <span class="label">world</span>
        <strong>{store.hello.value?.world ?? '–'}</strong>
      </p>
      <p class="fact leader" title={state?.term === null || state === undefined ? '' : `term ${state.term}`}>
        <span class="label">leader</span>
        {state?.leader ? (
          <strong>
            <Crown />
            {state.leader} <span class="soft">term {format.term(state.term)}</span>
          </strong>
        ) : (
          <strong class="soft">nobody</strong>
        )}
      </p>
      <p class="fact">
        <span class="label">nodes up</span>
        <strong>{state === undefined ? '–' : `${state.nodes.filter((n) => n.up).length} of ${state.nodes.length}`}</strong>
      </p>
      <p class={`spread ${mood}`} title="The largest difference between two members’ clocks">
        <span class="label">spread</span>
        <strong>{format.span(state?.spreadUs)}</strong>
        <span class="mood">
          <Mood />
          {moods[mood].text}
        </span>
      </p>
      <div class="controls">
        <Line />
        <Dashboards />
        <button type="button" aria-pressed={paused} onClick={() => store.pause(!paused)} title="Space">
          {paused ? 'Resume' : 'Pause'}
        </button>
        <button type="button" onClick={openHelp} title="?">
          Help
        </button>
      </div>
    </header>
  );
}

/** The way to Grafana, where there is one. */
function Dashboards() {
  const hello = store.hello.value;
  const paused = store.paused.value;
  if (!hello?.grafana) return null;
  const until = paused ? newest(store.history().ring) + hello.wallUs : undefined;
  return (
    <a
      class="dashboards"
      href={dashboardsAt(hello.grafana, until, store.chosen.value)}
      target="_blank"
      rel="noopener"
      title="The same minute in Grafana"
    >
      Dashboards
    </a>
  );
}

const lines = {
  connecting: { shape: shapes.plain, text: 'connecting' },
  live: { shape: shapes.good, text: 'live' },
  reconnecting: { shape: shapes.warn, text: 'reconnecting' },
  refused: { shape: shapes.bad, text: 'not admitted' },
} as const;

/** The state of the page's own line to the control room. */
function Line() {
  const connection = store.connection.value;
  const { is } = connection;
  const paused = store.paused.value && is === 'live';
  const Shape = lines[is].shape;
  return (
    <p class={`line ${paused ? 'paused' : is}`} role="status">
      {paused ? <shapes.plain /> : <Shape />}
      {paused ? 'paused' : lines[is].text}
      {connection.is === 'reconnecting' && connection.attempt > 1 && <span class="soft"> try {connection.attempt}</span>}
    </p>
  );
}

/** Two clocks, their hands in step. */
const Mark = () => (
  <svg class="mark" viewBox="0 0 32 24" aria-hidden="true" focusable="false">
    <circle cx="11" cy="12" r="9" class="one" />
    <circle cx="21" cy="12" r="9" class="two" />
    <path d="M11 12V6M21 12V6" class="hands" />
  </svg>
);
