/** The files that a node needs before it starts: each is there and fit for use, or it is said what to do about it. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';

const keyBytes = 32;

/** The cluster key, or why there is none. */
export function readKey(file: string): Buffer | string {
  const remedy = `make one for all nodes with: KEY_FILE=${file} node services/node/key.ts`;
  try {
    const key = readFileSync(file);
    return key.length === keyBytes ? key : `has ${key.length} bytes, and a key has ${keyBytes}; ${remedy}`;
  } catch (error) {
    return `${why(error)}; ${remedy}`;
  }
}

/** Why the directory cannot be written to; it is made where only it is missing. */
export function unwritable(directory: string): string | undefined {
  try {
    if (!existsSync(directory)) mkdirSync(directory);
    if (!statSync(directory).isDirectory()) return 'is not a directory';
    accessSync(directory, constants.W_OK);
    return undefined;
  } catch (error) {
    return `${why(error)}; set STATE_DIR to a directory that this program may write to`;
  }
}

function why(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be used by this program';
  if (code === 'ENOTDIR' || code === 'EEXIST') return 'is not a directory';
  return `cannot be used (${code})`;
}
