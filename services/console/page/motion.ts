/**
 * One loop of animation frames for everything that moves. It stops while the tab is hidden and while the view is
 * paused, and costs nothing then.
 */
import { effect } from '@preact/signals';
import { store } from './model.ts';

type Painter = (nowMs: number) => void;

const painters = new Set<Painter>();
let running = false;

const mayRun = (): boolean => painters.size > 0 && !document.hidden && !store.paused.peek();

function frame(nowMs: number): void {
  running = mayRun();
  if (!running) return;
  for (const paint of painters) paint(nowMs);
  requestAnimationFrame(frame);
}

function wake(): void {
  if (running || !mayRun()) return;
  running = true;
  requestAnimationFrame(frame);
}

document.addEventListener('visibilitychange', wake);
effect(() => {
  if (!store.paused.value) wake();
});

/** Calls `paint` on every frame, until the function it returns is called. */
export function everyFrame(paint: Painter): () => void {
  painters.add(paint);
  wake();
  return () => {
    painters.delete(paint);
  };
}
