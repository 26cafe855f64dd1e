/** Signs that say by their shape what colour says as well. All are decoration beside a word. */
import type { ComponentChildren } from 'preact';

const Icon = ({ children, name }: { readonly children: ComponentChildren; readonly name: string }) => (
  <svg class={`icon ${name}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    {children}
  </svg>
);

export const Crown = () => (
  <Icon name="crown">
    <path d="M1.5 4.5l3.2 3L8 2.5l3.3 5 3.2-3-1.3 8.2H2.8z" fill="currentColor" />
  </Icon>
);

/** A padlock: inside the critical section. */
export const Padlock = () => (
  <Icon name="padlock">
    <path d="M5 7V5a3 3 0 0 1 6 0v2" fill="none" stroke="currentColor" stroke-width="1.8" />
    <rect x="3" y="7" width="10" height="7.5" rx="1.5" fill="currentColor" />
  </Icon>
);

export const shapes = {
  /** A filled disc with a tick: in step. */
  good: () => (
    <Icon name="good">
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="M4.8 8.3l2.2 2.2 4.3-4.6" fill="none" class="cutout" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />
    </Icon>
  ),
  /** A triangle: watch this. */
  warn: () => (
    <Icon name="warn">
      <path d="M8 1.5l7 12.5H1z" fill="currentColor" />
      <path d="M8 6v3.6M8 11.6v.3" class="cutout" stroke-width="1.7" stroke-linecap="round" />
    </Icon>
  ),
  /** A square on its tip: something is broken. */
  bad: () => (
    <Icon name="bad">
      <path d="M8 .8L15.2 8 8 15.2.8 8z" fill="currentColor" />
      <path d="M8 4.6v4M8 11.2v.2" class="cutout" stroke-width="1.7" stroke-linecap="round" />
    </Icon>
  ),
  /** An empty dashed ring: nothing is claimed. */
  plain: () => (
    <Icon name="plain">
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.8" stroke-dasharray="3 2.2" />
    </Icon>
  ),
  /** A small dot: one of many. */
  routine: () => (
    <Icon name="routine">
      <circle cx="8" cy="8" r="3" fill="currentColor" />
    </Icon>
  ),
  /** A cross: gone. */
  gone: () => (
    <Icon name="gone">
      <path d="M3.5 3.5l9 9M12.5 3.5l-9 9" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" />
    </Icon>
  ),
} as const;
