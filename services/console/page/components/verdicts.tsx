/** What the checkers say of the history so far. */
import { store } from '../model.ts';
import { shapes } from './icons.tsx';

const words = {
  holds: { shape: shapes.good, tone: 'good', text: 'holds' },
  'at-risk': { shape: shapes.warn, tone: 'warn', text: 'at risk' },
  'expected-violation': { shape: shapes.warn, tone: 'warn', text: 'violated, as expected' },
  inconclusive: { shape: shapes.plain, tone: 'plain', text: 'inconclusive' },
  bug: { shape: shapes.bad, tone: 'bad', text: 'bug' },
} as const;

export function Verdicts() {
  const verdicts = store.shown.value?.verdicts ?? [];
  return (
    <section class="panel verdicts" aria-labelledby="verdicts-title">
      <div class="panel-head">
        <h2 id="verdicts-title">
          Verdicts <span class="soft">checked against the truth</span>
        </h2>
      </div>
      <ul>
        {verdicts.map(({ rule, verdict, detail }) => {
          const { shape: Shape, tone, text } = words[verdict];
          return (
            <li key={rule} class={tone}>
              <Shape />
              <strong>{rule}</strong> <span class="word">{text}</span>
              {detail !== '' && <span class="detail">{detail}</span>}
            </li>
          );
        })}
        {verdicts.length === 0 && <li class="plain">Nothing has been judged yet.</li>}
      </ul>
    </section>
  );
}
