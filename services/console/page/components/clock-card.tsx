/** One node: its clock, how wrong it truly is, and what it claims. */
import type { ComponentChildren } from 'preact';
import type { NodeView } from '../../live-frames.ts';
import * as format from '../format.ts';
import { east, store } from '../model.ts';
import { ClockFace } from './clock-face.tsx';
import { Crown, Padlock, shapes } from './icons.tsx';

interface Known {
  readonly id: number;
  readonly name: string;
  readonly role: string;
  readonly hue: number;
}

const statuses = {
  synchronized: { shape: shapes.good, tone: 'good' },
  'free-running': { shape: shapes.warn, tone: 'warn' },
  disrupted: { shape: shapes.bad, tone: 'bad' },
  unknown: { shape: shapes.plain, tone: 'plain' },
} as const;

export function ClockCard({ node, digit }: { readonly node: Known; readonly digit: number | undefined }) {
  const state = store.shown.value;
  const view = state?.nodes.find((n) => n.name === node.name);
  const up = view?.up ?? false;
  const leads = up && state?.leader === node.name;
  const inside = up && view?.mutex?.state === 'held';
  const selected = store.selected.value === node.name;
  return (
    <article class={`card hue-${node.hue} ${up ? '' : 'down'} ${leads ? 'leads' : ''}`}>
      <h2>
        <button
          type="button"
          aria-pressed={selected}
          onClick={() => (store.chosen.value = node.name)}
          title={digit === undefined ? '' : `Select: key ${digit}`}
        >
          <span class="dot" aria-hidden="true" />
          {node.name}
          {leads && <Crown />}
          {leads && <span class="unseen">, the leader</span>}
          {inside && <Padlock />}
          {inside && <span class="unseen">, inside the critical section</span>}
        </button>
        {node.role === 'device' && <span class="role">device</span>}
      </h2>
      <div class="face-box">
        <ClockFace name={node.name} />
        {up && view?.clock.slewing && (
          <p class="slewing" title="The clock is being corrected: it runs a little fast or slow for a while">
            slewing
          </p>
        )}
      </div>
      <p class="reading">{view === undefined || !up ? '–' : reading(view)}</p>
      <dl>
        <Fact term="error" explained="This clock minus true time. Positive: it is fast." strong>
          {format.signed(up ? view?.clock.errorUs : null)}
        </Fact>
        <Fact term="offset" explained="The leader’s clock minus this one, as this node estimates it. Positive: the leader is ahead.">
          {format.signed(up ? view?.clock.offsetUs : null)}
        </Fact>
        <Fact term="true offset" explained="The same difference as it truly is. No node knows it.">
          {format.signed(up ? view?.clock.trueOffsetUs : null)}
        </Fact>
        <Fact term="bound" explained="How far this node claims its offset may be from the true one.">
          {format.bound(up ? view?.clock.boundUs : null)}
        </Fact>
        <Fact term="drift" explained="How fast the uncorrected clock gains or loses. Positive: it gains.">
          {format.ppm(up ? view?.clock.driftPpm : null)}
        </Fact>
      </dl>
      <Standing view={view} up={up} />
    </article>
  );
}

/** Every reading of one moment belongs to the same instant, so that the clocks can be compared. */
function reading({ clock }: NodeView): string {
  const wallUs = store.hello.peek()?.wallUs;
  return clock.clockUs === null || wallUs === undefined ? '–' : format.timeOfDay(wallUs + clock.clockUs, east);
}

function Standing({ view, up }: { readonly view: NodeView | undefined; readonly up: boolean }) {
  if (view !== undefined && !up)
    return (
      <p class="standing gone">
        <shapes.gone />
        down
      </p>
    );
  const status = view?.clock.status ?? 'unknown';
  const { shape: Shape, tone } = statuses[status];
  return (
    <p class={`standing ${tone}`} title={status === 'synchronized' ? undefined : (view?.clock.why ?? undefined)}>
      <Shape />
      {status}
    </p>
  );
}

interface FactProps {
  readonly term: string;
  readonly explained: string;
  readonly strong?: boolean;
  readonly children: ComponentChildren;
}

const Fact = ({ term, explained, strong, children }: FactProps) => (
  <div class={strong ? 'strong' : ''} title={explained}>
    <dt>{term}</dt>
    <dd>{children}</dd>
  </div>
);
