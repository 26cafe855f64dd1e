/** Misfortunes for the lock alone: processes crash and return, links are cut until both ends suspect each other, and healed. */
import type { MutexConfig } from '../../shared/mutex/config.ts';
import { incarnation, nodeId } from '../../shared/protocol.ts';
import { between, stream } from '../../shared/random.ts';
import { Locks, lan, light, type Setup } from './mutex-harness.ts';

export interface Misfortunes {
  readonly crashes?: number;
  readonly cuts?: number;
}

/** A troubled hour, and a quiet one after it in which everyone who still wants to enter should. */
export function troubled(
  config: Partial<MutexConfig>,
  size: number,
  seed: number,
  { crashes = 0, cuts = 0 }: Misfortunes,
  mutate: NonNullable<Setup['mutate']> = (protocol) => protocol,
): Locks {
  const random = stream(seed, 'misfortunes');
  const cut = new Map<string, number>();
  const isCut = (a: number, b: number): boolean => (cut.get(`${Math.min(a, b)}/${Math.max(a, b)}`) ?? 0) > 0;
  const sever = (a: number, b: number, by: number): void => {
    const link = `${Math.min(a, b)}/${Math.max(a, b)}`;
    cut.set(link, (cut.get(link) ?? 0) + by);
  };
  const someone = (): number => 1 + Math.floor(random() * size);
  const locks = new Locks({
    config: { workload: light(60, 20), ...config },
    size,
    seed,
    each: 60,
    mutate,
    delay: (from, to, message, chance) => (isCut(from, to) ? undefined : lan(from, to, message, chance)),
    hears: (by, of) => !isCut(by, of),
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
  return locks.run();
}
