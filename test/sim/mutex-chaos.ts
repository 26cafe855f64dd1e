/**
 * Misfortunes for the lock alone: processes crash and return, links are cut until both ends suspect each other, and healed; or
 * they lose frames, and nobody notices.
 */
import type { MutexConfig } from '../../shared/mutex/config.ts';
import { incarnation, nodeId } from '../../shared/protocol.ts';
import { between, stream } from '../../shared/random.ts';
import { Locks, lan, light, type Setup } from './mutex-harness.ts';

export interface Misfortunes {
  readonly crashes?: number;
  readonly cuts?: number;
  /** Moments in which everything is lost between two halves of the cluster, for less long than it takes to suspect anybody. */
  readonly gaps?: number;
  /** Of all frames, in the troubled hour. */
  readonly loss?: number;
}

/** When the last misfortune is over, in milliseconds. */
const quiet = 8_500;
/** Enough for everyone to have entered as often as they want, and then some. */
const limit = 240_000;

/** A troubled hour, and a quiet one after it in which everyone who still wants to enter should. */
export function troubled(
  config: Partial<MutexConfig>,
  size: number,
  seed: number,
  { crashes = 0, cuts = 0, gaps = 0, loss = 0 }: Misfortunes,
  mutate: NonNullable<Setup['mutate']> = (protocol) => protocol,
): Locks {
  const random = stream(seed, 'misfortunes');
  const cut = new Map<string, number>();
  const isCut = (a: number, b: number): boolean => (cut.get(`${Math.min(a, b)}/${Math.max(a, b)}`) ?? 0) > 0;
  const sever = (a: number, b: number, by: number): void => {
    const link = `${Math.min(a, b)}/${Math.max(a, b)}`;
    cut.set(link, (cut.get(link) ?? 0) + by);
  };
  let lossy = loss > 0;
  const sides = new Map<number, number>();
  const isLost = (a: number, b: number, chance: () => number): boolean =>
    isCut(a, b) || (sides.get(a) ?? 0) !== (sides.get(b) ?? 0) || (lossy && chance() < loss);
  const someone = (): number => 1 + Math.floor(random() * size);
  const locks = new Locks({
    config: { workload: light(60, 20), ...config },
    size,
    seed,
    each: 60,
    mutate,
    delay: (from, to, message, chance) => (isLost(from, to, chance) ? undefined : lan(from, to, message, chance)),
    hears: (by, of) => !isCut(by, of),
  });
  locks.at(quiet, () => {
    lossy = false;
  });
  let term = 0;
  /** The highest who is up leads, in a new term. */
  const elect = (): void => {
    const up = [...locks.sites.values()].filter((site) => site.up).map((site) => site.id);
    if (up.length > 0) locks.lead(Math.max(...up), ++term);
  };
  elect();
  for (let i = 0; i < crashes; i++) {
    const id = someone();
    const at = between(random, 50, 8_000);
    locks.at(at, () => locks.crash(id));
    locks.at(at + 100, elect);
    locks.at(at + between(random, 1, 600), () => {
      if (!locks.site(id).up) locks.start(id);
      elect();
    });
  }
  for (let i = 0; i < cuts; i++) {
    const a = someone();
    const b = 1 + (a % size);
    const at = between(random, 50, 8_000);
    const hears = (by: number, of: number, kind: 'trusted' | 'suspected'): void => {
      const peer = nodeId(of);
      const start = locks.site(of);
      if (start.up) locks.signal(by, kind === 'suspected' ? { kind, peer } : { kind, peer, incarnation: incarnation(start.start) });
    };
    locks.at(at, () => sever(a, b, 1));
    locks.at(at + 100, () => {
      hears(a, b, 'suspected');
      hears(b, a, 'suspected');
    });
    locks.at(at + between(random, 150, 400), () => {
      sever(a, b, -1);
      if (isCut(a, b)) return;
      hears(a, b, 'trusted');
      hears(b, a, 'trusted');
    });
  }
  for (let i = 0; i < gaps; i++) {
    const at = between(random, 50, 8_000);
    locks.at(at, () => {
      for (const id of locks.sites.keys()) sides.set(id, Math.floor(random() * 2));
    });
    locks.at(at + between(random, 20, 500), () => sides.clear());
  }
  return locks.run(limit);
}
