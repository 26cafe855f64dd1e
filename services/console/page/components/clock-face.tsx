/**
 * A node's clock as a clock. The second hand ticks: clocks that are apart tick apart, and one sees them fall into step.
 *
 * The ring around the face shows the error on a logarithmic scale, true time at the top, fast to the right. The
 * pale band on it is where the node claims the leader's clock to be, and the small triangle is where it is.
 *
 * The drawing is made once. What moves is set on the elements in the page's one loop, past the renderer.
 */
import { useEffect, useRef } from 'preact/hooks';
import { inDay } from '../format.ts';
import { east, prefersStillness, store } from '../model.ts';
import { everyFrame } from '../motion.ts';
import { angle, arc, onCircle } from '../scale.ts';

const gauge = 90;
const marks = [-100_000, -10_000, -1_000, 0, 1_000, 10_000, 100_000];

export function ClockFace({ name }: { readonly name: string }) {
  const svg = useRef<SVGSVGElement>(null);
  useEffect(() => (svg.current === null ? undefined : animate(svg.current, name)), [name]);
  return (
    <svg ref={svg} class="face" viewBox="-112 -112 224 212" aria-hidden="true" focusable="false">
      <path class="track" d={arc(-150, 150, gauge)} />
      {marks.map((us) => (
        <Tick key={us} degrees={angle(us)} from={gauge - 4} to={gauge + 4} name={us === 0 ? 'mark zero' : 'mark'} />
      ))}
      <path class="band" />
      <path class="error" />
      <circle class="dial" r="76" />
      {Array.from({ length: 12 }, (_, hour) => (
        <Tick key={hour} degrees={hour * 30} from={hour % 3 === 0 ? 60 : 65} to={70} name="hour-mark" />
      ))}
      <g class="hands">
        <path class="hour" d="M0 8V-38" />
        <path class="minute" d="M0 10V-58" />
        <path class="second" d="M0 16V-64" />
        <circle class="hub" r="4" />
      </g>
      <path class="crossed" d="M-28 -28L28 28M28 -28L-28 28" />
      <path class="leader-mark" d="M0 -11L-6 -21H6Z" />
      <path class="needle" d="M0 -11V11" />
    </svg>
  );
}

const Tick = ({ degrees, from, to, name }: { readonly degrees: number; readonly from: number; readonly to: number; readonly name: string }) => {
  const [x1, y1] = onCircle(degrees, from);
  const [x2, y2] = onCircle(degrees, to);
  return <line class={name} x1={x1.toFixed(2)} y1={y1.toFixed(2)} x2={x2.toFixed(2)} y2={y2.toFixed(2)} />;
};

/** The part of a second in which the second hand moves on. */
const moving = 0.14;
/** How far a second hand has come: it rests on the second, and moves to the next with a little overshoot. */
function ticked(seconds: number): number {
  const whole = Math.floor(seconds);
  const left = Math.max(0, 1 - (seconds - whole) / moving);
  return prefersStillness() ? whole : whole - 2.2 * left ** 3 + 1.2 * left ** 2;
}

type Part = 'second' | 'minute' | 'hour' | 'needle' | 'error' | 'band' | 'leader-mark';

/** Sets attributes of the drawing's parts, and only those that differ from what was set last. */
function puppet(svg: SVGSVGElement) {
  const parts = new Map<Part, { readonly element: Element | null; readonly set: Map<string, string> }>();
  return (part: Part, attribute: string, value: string): void => {
    const { element, set } = parts.get(part) ?? { element: svg.querySelector(`.${part}`), set: new Map<string, string>() };
    if (set.get(attribute) === value) return;
    element?.setAttribute(attribute, value);
    parts.set(part, { element, set: set.set(attribute, value) });
  };
}

function animate(svg: SVGSVGElement, name: string): () => void {
  const set = puppet(svg);
  const show = (part: Part, visible: boolean): void => set(part, 'visibility', visible ? 'visible' : 'hidden');
  const turn = (part: Part, degrees: number): void => set(part, 'transform', `rotate(${degrees.toFixed(2)})`);
  const moveTo = (part: Part, degrees: number): void => set(part, 'transform', `rotate(${degrees.toFixed(2)}) translate(0 ${-gauge})`);
  let shown: number | undefined;

  return everyFrame((nowMs) => {
    const wallUs = store.hello.peek()?.wallUs;
    const view = store.newest(name);
    const { errorUs = null, offsetUs = null, trueOffsetUs = null, boundUs = null } = view?.up ? view.clock : {};
    const known = errorUs !== null && wallUs !== undefined;
    show('needle', known);
    show('error', known);
    show('band', known && offsetUs !== null && boundUs !== null);
    show('leader-mark', known && trueOffsetUs !== null);
    if (!known) {
      shown = undefined;
      return;
    }
    const seconds = inDay(wallUs + store.time.at(nowMs) + errorUs, east) / 1e6;
    turn('second', (ticked(seconds) % 60) * 6);
    turn('minute', ((seconds / 60) % 60) * 6);
    turn('hour', ((seconds / 3600) % 12) * 30);

    const target = angle(errorUs);
    shown = shown === undefined || prefersStillness() ? target : shown + (target - shown) * 0.15;
    moveTo('needle', shown);
    set('error', 'd', arc(Math.min(0, shown), Math.max(0, shown), gauge));
    if (offsetUs !== null && boundUs !== null) set('band', 'd', arc(angle(errorUs + offsetUs - boundUs), angle(errorUs + offsetUs + boundUs), gauge));
    if (trueOffsetUs !== null) moveTo('leader-mark', angle(errorUs + trueOffsetUs));
  });
}
