/** The keyboard. Every key has a button as well, and no key works while someone types or a dialog is open. */
import { clocks, store } from './model.ts';

const taken = 'input, textarea, select, [contenteditable], dialog[open] *';
/** What the space bar already does something to. */
const pressable = 'button, a, summary, [role="button"]';

export function listenToKeys(openHelp: () => void): () => void {
  const onKey = (event: KeyboardEvent): void => {
    // A button of a dialog that has just been closed keeps the focus for one more frame.
    const target = event.target instanceof Element && event.target.checkVisibility() ? event.target : document.body;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest(taken) !== null) return;
    if (event.key === ' ' && target.closest(pressable) === null) {
      event.preventDefault();
      store.pause(!store.paused.peek());
    } else if (event.key === '?') {
      openHelp();
    } else if (/^[1-9]$/.test(event.key)) {
      const chosen = clocks.peek()[Number(event.key) - 1];
      if (chosen !== undefined) store.chosen.value = chosen.name;
    }
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}
