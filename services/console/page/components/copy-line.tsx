/** The line that kills the selected node, or brings it back, ready to be copied into a terminal. */
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { lineFor } from '../commands.ts';
import { store } from '../model.ts';

export function CopyLine({ node, up }: { readonly node: string; readonly up: boolean }) {
  const code = useRef<HTMLElement>(null);
  const copied = useSignal('');
  const world = store.hello.value?.world ?? 'processes';
  const line = lineFor(world, up ? 'kill' : 'restart', node);

  async function copy(): Promise<void> {
    // The clipboard is there only on loopback or over TLS. Elsewhere the line is at least selected.
    try {
      await navigator.clipboard.writeText(line);
      copied.value = line;
    } catch {
      if (code.current !== null) getSelection()?.selectAllChildren(code.current);
    }
  }

  return (
    <div class="copy-line">
      <code ref={code}>{line}</code>
      <button type="button" onClick={() => void copy()} aria-label={`Copy: ${line}`}>
        {copied.value === line ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}
