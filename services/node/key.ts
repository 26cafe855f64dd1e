/**
 * Writes the cluster key once: 32 random bytes that only their owner may read.
 *
 * It runs before any node does, in a container without a network, and its file is all that the nodes have in common.
 * A key that is there is kept, so that a cluster which is started again knows its own members. The file appears whole
 * or not at all: it is written beside its place and renamed.
 */
import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

const KEY_BYTES = 32;

const file = process.env.KEY_FILE ?? '/run/lockstep/cluster.key';
const beside = `${file}.new`;
const kept = statSync(file, { throwIfNoEntry: false })?.size === KEY_BYTES;

if (!kept) {
  rmSync(beside, { force: true });
  writeFileSync(beside, randomBytes(KEY_BYTES), { mode: 0o400, flag: 'wx', flush: true });
  renameSync(beside, file);
}
process.stdout.write(`${JSON.stringify({ file, key: kept ? 'kept' : 'written' })}\n`);
