/** A few buttons of which one is pressed. */
import type { Signal } from '@preact/signals';

interface ChoiceProps {
  readonly label: string;
  readonly options: readonly { readonly value: number; readonly text: string }[];
  readonly chosen: Signal<number>;
}

export const Choice = ({ label, options, chosen }: ChoiceProps) => (
  <fieldset class="choice">
    <legend class="unseen">{label}</legend>
    {options.map(({ value, text }) => (
      <button key={value} type="button" aria-pressed={chosen.value === value} onClick={() => (chosen.value = value)}>
        {text}
      </button>
    ))}
  </fieldset>
);
