/**
 * Reads TypeScript the way the house rules need it: which files there are, what they import, and what is code in them as
 * opposed to comment or text. A small scanner is enough for that, and unlike a compiler it also reads sources that a test
 * makes up, which is how the rules are proven to bite.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** Path from the project's root, with forward slashes, to source text. */
export type Sources = ReadonlyMap<string, string>;

export interface Import {
  /** A path from the root where the specifier is relative, else the specifier itself. */
  readonly target: string;
  readonly relative: boolean;
  /** Erased before it runs. `import { type A }` is not: the import itself stays. */
  readonly typeOnly: boolean;
}

const elsewhere = new Set(['node_modules', '.git', 'dist', 'coverage', '.lockstep']);

/** Every file under `folder`, without what git ignores. */
export function filesUnder(root: string, folder = ''): readonly string[] {
  return readdirSync(posix.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (elsewhere.has(entry.name)) return [];
    return entry.isDirectory() ? filesUnder(root, path) : entry.isFile() ? [path] : [];
  });
}

export const load = (root: string, paths: readonly string[]): Sources =>
  new Map(paths.map((path) => [path, readFileSync(posix.join(root, path), 'utf8')]));

export const linesOf = (source: string): number => source.replace(/\n$/, '').split('\n').length;

const comment = /\/\*[\s\S]*?\*\/|\/\/.*/y;
const quoted = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/y;
const expression = /(?<=(?:[(,=:[!&|?{};>]|\breturn)\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;

const blanked = (text: string): string => text.replace(/[^\n]/g, ' ');

/**
 * The source with comments, regular expressions and the text of templates blanked out, and quoted strings too where `strings` says so.
 * What a template computes between `${` and `}` is code and stays.
 */
export function code(source: string, strings: 'keep' | 'blank'): string {
  let out = '';
  let at = 0;
  /** For each template that is open: how many braces are open inside its `${`; -1 while in its text. */
  const templates: number[] = [];
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  while (at < source.length) {
    const here = source[at] ?? '';
    const depth = templates.at(-1);
    if (depth === -1) {
      if (here === '`') templates.pop();
      const enters = source.startsWith('${', at);
      if (enters) templates[templates.length - 1] = 0;
      const length = enters || here === '\\' ? 2 : 1;
      out += blanked(source.slice(at, at + length));
      at += length;
      continue;
    }
    const hidden = here === '/' ? (take(comment) ?? take(expression)) : undefined;
    const string = here === "'" || here === '"' ? take(quoted) : undefined;
    if (hidden !== undefined) {
      out += blanked(hidden);
      at += hidden.length;
    } else if (string !== undefined) {
      out += strings === 'keep' ? string : `'${blanked(string.slice(1, -1))}'`;
      at += string.length;
    } else {
      if (here === '`') templates.push(-1);
      if (depth !== undefined && here === '{') templates[templates.length - 1] = depth + 1;
      if (depth !== undefined && here === '}') templates[templates.length - 1] = depth - 1;
      out += templates.at(-1) === -1 ? ' ' : here;
      at += 1;
    }
  }
  return out;
}

const statement = /\b(?:import|export)\s+(type\s+(?!from\b))?(?:[\w*{$][^'";]*?\bfrom\s*)?['"]([^'"]+)['"]/g;
const dynamic = /\bimport\s*\(\s*['"]([^'"]+)['"]/g;

export function importsOf(path: string, source: string): readonly Import[] {
  const text = code(source, 'keep');
  const found = [
    ...Array.from(text.matchAll(statement), ([, type, specifier = '']) => ({ specifier, typeOnly: type !== undefined })),
    ...Array.from(text.matchAll(dynamic), ([, specifier = '']) => ({ specifier, typeOnly: false })),
  ];
  return found.map(({ specifier, typeOnly }) => {
    const relative = specifier.startsWith('.');
    return { target: relative ? posix.join(posix.dirname(path), specifier) : specifier, relative, typeOnly };
  });
}
