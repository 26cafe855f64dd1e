/**
 * The suites, in order of worth: unit (a rule or a formula), golden (transcripts byte by byte), sim (whole clusters in the
 * simulator), worlds (real processes and sockets on loopback). `npm test` runs these four and needs nothing but npm.
 * browser and e2e need chromium and a Docker engine; `test/run.ts` asks for them before it starts.
 *
 * Processes compete for cores, and a test that starves is a test that lies. Pure suites therefore share at most two
 * workers, and suites that start processes of their own run afterwards, one file at a time.
 */
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const cores = Math.min(2, availableParallelism());

interface Suite {
  readonly name: string;
  readonly include?: readonly string[];
  /** How many files at a time. Suites that run together must agree on it. */
  readonly workers: number;
  /** Suites of one turn run together, after those of every earlier turn. */
  readonly turn: number;
  /** How long one test may take, in seconds: a limit against hanging, never a measure of speed. */
  readonly limit: number;
}

const suites: readonly Suite[] = [
  { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/house.test.ts'], workers: cores, turn: 0, limit: 20 },
  { name: 'golden', workers: cores, turn: 0, limit: 20 },
  { name: 'sim', workers: cores, turn: 0, limit: 60 },
  { name: 'worlds', workers: 1, turn: 1, limit: 90 },
  { name: 'browser', workers: 1, turn: 2, limit: 120 },
  { name: 'e2e', workers: 1, turn: 3, limit: 300 },
];

export default defineConfig({
  test: {
    projects: suites.map(({ name, include = [`test/${name}/**/*.test.ts`], workers, turn, limit }) => ({
      test: {
        name,
        include: [...include],
        environment: 'node',
        pool: 'forks',
        maxWorkers: workers,
        sequence: { groupOrder: turn },
        testTimeout: limit * 1_000,
        hookTimeout: limit * 1_000,
      },
    })),
  },
});
