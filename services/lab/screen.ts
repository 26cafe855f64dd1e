/** Redraws some lines of a terminal in place, and leaves what stands above them alone. */
import type { WriteStream } from 'node:tty';

const up = (lines: number): string => (lines > 0 ? `\x1b[${lines}A` : '');
const clearToEnd = '\x1b[0J';
/** A line that wraps takes two rows, and the count of rows would be wrong: while drawing, lines end at the edge. */
const wrap = { off: '\x1b[?7l', on: '\x1b[?7h' };

export function screen(stream: Pick<WriteStream, 'write'>): (lines: readonly string[]) => void {
  let drawn = 0;
  return (lines) => {
    stream.write(`${wrap.off}${up(drawn)}\r${clearToEnd}${lines.map((line) => `${line}\n`).join('')}${wrap.on}`);
    drawn = lines.length;
  };
}
