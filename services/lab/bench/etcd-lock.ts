/**
 * etcd's lock under the same measurement: five contenders, each at a member of its own, over the JSON gateway, which
 * costs a request of HTTP each way. Its lock is replicated and on disk before it is granted; ours is neither.
 */
import { etcd } from './etcd.ts';
import { type Stay, trueNow } from './subject.ts';

/** Longer than the measurement takes: nobody renews it. */
const leaseSeconds = 600;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

export async function etcdLock(version: string, entries: number): Promise<readonly Stay[]> {
  const cluster = await etcd(version);
  try {
    await cluster.ready();
    const stays: Stay[] = [];
    await Promise.all(cluster.clients.map((port) => contend(port, stays, entries)));
    return stays.slice(0, entries);
  } finally {
    await cluster.stop();
  }
}

async function contend(port: number, stays: Stay[], entries: number): Promise<void> {
  const ask = async (path: string, body: object): Promise<Readonly<Record<string, string>>> => {
    const response = await fetch(`http://127.0.0.1:${port}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
    return (await response.json()) as Readonly<Record<string, string>>;
  };
  const { ID: lease } = await ask('lease/grant', { TTL: leaseSeconds });
  while (stays.length < entries) {
    const { key } = await ask('lock/lock', { name: base64('section'), lease });
    const from = trueNow();
    stays.push({ by: `${port}`, from, until: from });
    await ask('lock/unlock', { key });
  }
}
