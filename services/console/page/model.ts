/** The page's one store, and what the page needs to know of its own surroundings. */
import { computed } from '@preact/signals';
import { createStore } from './store.ts';

export const store = createStore();

/** Who has a clock to show, members first, and the number of the colour each is known by. */
export const clocks = computed(() =>
  [...(store.hello.value?.cluster ?? [])]
    .filter((n) => n.role !== 'ledger')
    .sort((a, b) => Number(a.role === 'device') - Number(b.role === 'device') || a.id - b.id)
    .map((n, i) => ({ ...n, hue: (i % 12) + 1 })),
);

/** How many minutes the viewer's local time is ahead of UTC. */
export const east = -new Date().getTimezoneOffset();

const reduced = matchMedia('(prefers-reduced-motion: reduce)');
export const prefersStillness = (): boolean => reduced.matches;
