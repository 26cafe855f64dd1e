/** A few buttons of which one is pressed. */
interface ChoiceProps {
  readonly label: string;
  readonly options: readonly { readonly value: number; readonly text: string }[];
  readonly chosen: number;
  readonly choose: (value: number) => void;
}

export const Choice = ({ label, options, chosen, choose }: ChoiceProps) => (
  <fieldset class="choice">
    <legend class="unseen">{label}</legend>
    {options.map(({ value, text }) => (
      <button key={value} type="button" aria-pressed={chosen === value} onClick={() => choose(value)}>
        {text}
      </button>
    ))}
  </fieldset>
);
