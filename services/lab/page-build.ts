/**
 * The page is built when it is missing or older than what it is made from, so that `npm start` is one command.
 *
 * The builder is a tool of development and not in the image, so it is run and not imported; and a page that cannot be
 * built must not keep a cluster from starting.
 */
import { spawn } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = 'dist/page/index.html';
const sources = ['services/console/page/**/*', 'services/console/live-frames.ts', 'shared/**/*.ts', 'package-lock.json'];

export type PageState = 'current' | 'missing' | 'stale';

export function pageState(): PageState {
  const made = statSync(join(root, built), { throwIfNoEntry: false })?.mtimeMs;
  if (made === undefined) return 'missing';
  const newest = Math.max(...globSync(sources, { cwd: root }).map((path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0));
  return newest > made ? 'stale' : 'current';
}

/** Builds the page if it is not current; what went wrong, where something did. */
export async function buildPage(): Promise<string | undefined> {
  if (pageState() === 'current') return undefined;
  const vite = viteProgram();
  if (vite === undefined) return 'the tools that build it are not installed: npm ci';
  return new Promise((resolve) => {
    const builder = spawn(process.execPath, [vite, 'build', 'services/console/page', '--logLevel', 'error'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    builder.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    builder.once('error', (error) => resolve(error.message));
    builder.once('close', (code) => resolve(code === 0 ? undefined : said.trim().split('\n')[0] || `it ended with code ${code}`));
  });
}

function viteProgram(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js');
  } catch {
    return undefined;
  }
}
