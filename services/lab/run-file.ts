/**
 * Where a running cluster can be found by the other verbs: a small file per control room, in a folder that is the user's.
 *
 * It holds the operator's token, so folder and file are closed to everyone else, and a folder of that name which belongs
 * to somebody else is refused. A file whose launcher is gone says nothing, and is swept away.
 */
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { cannotStart } from './failure.ts';

export interface RunFile {
  /** The launcher's process. */
  readonly pid: number;
  readonly consoleUrl: string;
  readonly token: string;
  readonly nodes: readonly { readonly id: number; readonly name: string; readonly pid: number | undefined; readonly port: number }[];
}

/** The folder of everything that running clusters of this user leave on disk; made where it is missing. */
export function privateFolder(): string {
  const { uid, username } = userInfo();
  const folder = join(tmpdir(), `lockstep-${uid >= 0 ? uid : username}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || (uid >= 0 && (found.uid !== uid || (found.mode & 0o077) !== 0)))
    throw cannotStart(`${folder} is not yours alone: remove it, or set TMPDIR to a folder of your own`);
  return folder;
}

const fileOf = (folder: string, consolePort: number): string => join(folder, `run-${consolePort}.json`);

export function writeRunFile(folder: string, consolePort: number, run: RunFile): void {
  const file = fileOf(folder, consolePort);
  writeFileSync(`${file}.new`, `${JSON.stringify(run)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export const removeRunFile = (folder: string, consolePort: number): void => rmSync(fileOf(folder, consolePort), { force: true });

/** The clusters that run, newest first; the one of `consolePort` alone where one is named. */
export function findRuns(consolePort?: number, folder: string = privateFolder()): readonly RunFile[] {
  const names = consolePort === undefined ? readdirSync(folder).filter((name) => /^run-\d+\.json$/.test(name)) : [`run-${consolePort}.json`];
  const files = names.map((name) => join(folder, name)).flatMap((path) => ({ path, stat: lstatSync(path, { throwIfNoEntry: false }) }));
  return files
    .flatMap(({ path, stat }) => (stat === undefined ? [] : [{ path, at: stat.mtimeMs }]))
    .sort((a, b) => b.at - a.at)
    .flatMap(({ path }) => read(path) ?? []);
}

function read(path: string): RunFile | undefined {
  try {
    const run = JSON.parse(readFileSync(path, 'utf8')) as RunFile;
    if (isAlive(run.pid)) return run;
  } catch {
    // Of another version, or spoilt: as good as none.
  }
  rmSync(path, { force: true });
  return undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes what clusters left behind whose launcher was killed before it could. */
export function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [, pid] = /^cluster-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
