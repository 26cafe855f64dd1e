/** What happened, in words, newest first. What comes round again and again is one line with a count. */
import { timeOfDay } from '../format.ts';
import { east, store } from '../model.ts';
import { shapes } from './icons.tsx';

const tones = { plain: shapes.plain, good: shapes.good, warn: shapes.warn, bad: shapes.bad } as const;

export function EventLog() {
  const wallUs = store.hello.value?.wallUs ?? 0;
  const entries = store.log.value;
  return (
    <section class="panel log" aria-labelledby="log-title">
      <div class="panel-head">
        <h2 id="log-title">What happened</h2>
      </div>
      {/* A list that scrolls must be reachable by the keyboard. */}
      <ol tabIndex={0} aria-labelledby="log-title">
        {entries.map(({ id, atUs, text, tone, times, routine }) => {
          const Shape = routine && tone === 'plain' ? shapes.routine : tones[tone];
          return (
            <li key={id} class={`${tone} ${routine ? 'routine' : ''}`}>
              <Shape />
              <span class="text">{text}</span>
              {times > 1 && (
                <span class="times" title="So often since the entry below">
                  ×{times}
                </span>
              )}
              <time>{timeOfDay(wallUs + atUs, east).slice(0, 8)}</time>
            </li>
          );
        })}
        {entries.length === 0 && <li class="routine">Nothing yet.</li>}
      </ol>
    </section>
  );
}
