/**
 * What `npm ci` installs is decided by the lockfile alone, on every platform. A lockfile written on one machine may quietly
 * lose the optional packages of all others, or bind everyone to the registry it was written with; neither shows up until
 * somebody else installs.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { readonly packages: Readonly<Record<string, Entry>> };

/** Where npm would find `name` for the package installed at `path`: beside its own dependencies first, then further up. */
function found(path: string, name: string): Entry | undefined {
  const here = packages[`${path === '' ? '' : `${path}/`}node_modules/${name}`];
  if (here !== undefined || path === '') return here;
  return found(path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/'))), name);
}

const versionsOf = (name: string): readonly string[] =>
  Object.entries(packages)
    .filter(([path]) => path.endsWith(`node_modules/${name}`))
    .map(([, { version = '' }]) => version);

const atLeast = (version: string, least: string): boolean => version.localeCompare(least, 'en', { numeric: true }) >= 0;

describe('the lockfile', () => {
  it('has an entry for every optional package, whatever platform it is for', () => {
    const wanted = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.entries(optionalDependencies).map(([name, version]) => ({ path, name, version })),
    );
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.filter(({ path, name }) => found(path, name) === undefined)).toEqual([]);
  });

  it('names no address to download from', () => {
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  it.each([
    ['ws', '8.23.0', 'three memory fixes'],
    ['path-to-regexp', '8.4.0', 'GHSA-j3q9-mxjg-w52f'],
  ])('holds %s at %s or later: %s', (name, least) => {
    const versions = versionsOf(name);
    expect(versions.length).toBeGreaterThan(0);
    expect(versions.filter((version) => !atLeast(version, least))).toEqual([]);
  });
});
