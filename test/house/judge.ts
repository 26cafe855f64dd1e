/**
 * Judges sources by the house's tables. It returns every breach as a line of text that names the file and the rule, so that a
 * test can expect none of them from the project, and exactly the planted ones from sources that break a rule on purpose.
 */
import { posix } from 'node:path';
import { code, type Import, importsOf, linesOf, type Sources } from './sources.ts';

/** One file, or one folder with a slash at its end, and what it may lean on. */
interface Room {
  readonly says: string;
  /** Rooms that it may import from; its own files it always may. `undefined`: as the folder around it, of which it is a part. */
  readonly imports?: readonly string[];
  /** Packages that it may import; `undefined`: none. */
  readonly packages?: readonly string[] | 'any';
  /** Types are free for programs: they are erased before anything runs. */
  readonly typesAreFree?: boolean;
}
export type House = Readonly<Record<string, Room>>;

/** Something that a file must not do, and how to see it in code. */
export interface Ban {
  readonly where: (path: string) => boolean;
  readonly what: string;
  readonly sign: RegExp;
  /** A sign that the name is the file's own, and not the host's. */
  readonly unless?: RegExp;
}

/** The innermost room that a file lies in, of those that say what they import. */
const roomOf = (house: House, path: string): string | undefined =>
  Object.keys(house)
    .filter((room) => house[room]?.imports !== undefined && (path === room || (room.endsWith('/') && path.startsWith(room))))
    .sort((a, b) => b.length - a.length)[0];

const typescript = (sources: Sources): readonly (readonly [string, string])[] => [...sources].filter(([path]) => /\.tsx?$/.test(path));

export function importBreaches(house: House, sources: Sources): readonly string[] {
  return typescript(sources).flatMap(([path, source]) => {
    const name = roomOf(house, path);
    const room = name === undefined ? undefined : house[name];
    if (name === undefined || room?.imports === undefined) return [`${path}: lies in no room of the house`];
    return importsOf(path, source)
      .filter((found) => !mayImport(house, name, room, found))
      .map(({ target }) => `${path}: ${name} may not import ${target}`);
  });
}

function mayImport(house: House, name: string, room: Room, { target, relative, typeOnly }: Import): boolean {
  if (!relative) {
    if (room.packages === 'any') return true;
    return room.packages?.some((known) => target === known || target.startsWith(`${known}/`)) ?? false;
  }
  if (room.typesAreFree && typeOnly) return true;
  const other = roomOf(house, target);
  return other !== undefined && (other === name || room.imports?.includes(other) === true);
}

/** Every folder that holds one of these files must be a row of the table, in its own right. */
export function unnamedFolders(house: House, paths: readonly string[]): readonly string[] {
  const folders = new Set(paths.flatMap(parentsOf));
  return [...folders].filter((folder) => house[folder] === undefined).map((folder) => `${folder}: has no sentence in the house's table`);
}

function parentsOf(path: string): readonly string[] {
  const parent = posix.dirname(path);
  return parent === '.' ? [] : [`${parent}/`, ...parentsOf(parent)];
}

export const bannedThings = (bans: readonly Ban[], sources: Sources): readonly string[] =>
  typescript(sources).flatMap(([path, source]) => {
    const text = code(source, 'blank');
    const found = bans.filter(({ where, sign, unless }) => where(path) && sign.test(text) && unless?.test(text) !== true);
    return [...new Set(found.map(({ what }) => `${path}: ${what}`))];
  });

/** Each circle once, as the path that leads back to where it began. */
export function circles(sources: Sources): readonly string[] {
  const leads = new Map(typescript(sources).map(([path, source]) => [path, importsOf(path, source).map(({ target }) => target)]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const seen = trail.indexOf(path);
    if (seen >= 0) found.push(`circle: ${[...trail.slice(seen), path].join(' -> ')}`);
    if (seen >= 0 || done.has(path)) return;
    for (const target of leads.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of leads.keys()) visit(path, []);
  return found;
}

export const withoutDocstring = (sources: Sources): readonly string[] =>
  typescript(sources)
    .filter(([, source]) => !source.startsWith('/**'))
    .map(([path]) => `${path}: does not open with a docstring`);

export const tooLong = (sources: Sources, limit: number): readonly string[] =>
  typescript(sources)
    .filter(([, source]) => linesOf(source) > limit)
    .map(([path, source]) => `${path}: ${linesOf(source)} lines, more than ${limit}`);

export function medianLines(sources: Sources): number {
  const lines = typescript(sources)
    .map(([, source]) => linesOf(source))
    .sort((a, b) => a - b);
  return lines[Math.floor(lines.length / 2)] ?? 0;
}
