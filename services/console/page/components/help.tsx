/** What the signs and the keys mean. */
import type { RefObject } from 'preact';
import { Crown, shapes } from './icons.tsx';

export const Help = ({ dialog }: { readonly dialog: RefObject<HTMLDialogElement | null> }) => (
  <dialog ref={dialog} class="help" aria-labelledby="help-title">
    <form method="dialog">
      <h2 id="help-title">How to read this page</h2>
      <p>
        Every clock belongs to a process of its own and drifts. They talk to each other, and pull their clocks together. True time is known to this
        page, never to them.
      </p>
      <dl>
        <dt>error</dt>
        <dd>a clock minus true time. Positive: this clock is fast.</dd>
        <dt>offset</dt>
        <dd>the leader’s clock minus this one, as the node estimates it. Positive: the leader is ahead.</dd>
        <dt>true offset</dt>
        <dd>the same difference as it truly is.</dd>
        <dt>bound</dt>
        <dd>how far the node claims its offset may be from the true one. The claim is checked all the time.</dd>
        <dt>spread</dt>
        <dd>the largest difference between two members’ clocks.</dd>
        <dt>drift</dt>
        <dd>what the uncorrected clock gains, in millionths. Positive: it gains.</dd>
      </dl>
      <h3>The ring around a clock</h3>
      <p>
        Its top is true time; to the right is fast, to the left slow. The marks are 1, 10 and 100 ms, the ends one second. The needle is this clock’s
        error, the triangle the leader’s, and the pale band is where this node claims the leader to be: the triangle must point into it.
      </p>
      <h3>Signs</h3>
      <ul class="signs">
        <li class="good">
          <shapes.good />
          synchronized, holds
        </li>
        <li class="warn">
          <shapes.warn />
          free-running, at risk
        </li>
        <li class="bad">
          <shapes.bad />
          disrupted, bug
        </li>
        <li class="plain">
          <shapes.plain />
          unknown, nothing claimed
        </li>
        <li class="gone">
          <shapes.gone />
          down
        </li>
        <li class="crowned">
          <Crown />
          leader
        </li>
      </ul>
      <h3>Keys</h3>
      <ul class="keys">
        <li>
          <kbd>Space</kbd> pause or resume the view
        </li>
        <li>
          <kbd>1</kbd>–<kbd>9</kbd> select a clock
        </li>
        <li>
          <kbd>?</kbd> this help
        </li>
        <li>
          <kbd>Esc</kbd> close it
        </li>
      </ul>
      <button type="submit">Close</button>
    </form>
  </dialog>
);
