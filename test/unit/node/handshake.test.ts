/** The handshake, frame by frame: who is let in, and what each way of not belonging is called. */
import { describe, expect, it } from 'vitest';
import { acceptor, dialler, type Identity, type Move, SeenNonces } from '../../../services/node/handshake.ts';

const key = Buffer.alloc(32, 7);
const one: Identity = { key, cluster: 'c', id: 1, incarnation: 11 };
const two: Identity = { key, cluster: 'c', id: 2, incarnation: 22 };
const anyone = (): boolean => true;
const nonce = (n: number): string => n.toString(16).padStart(64, '0');

/** Passes frames between the sides until one of them has nothing to say; answers what each made of it. */
function meet(from: Identity, to: Identity, admits: (id: number) => boolean = anyone): { readonly dialled: Move; readonly accepted: Move } {
  const d = dialler(from, 2, 'peer');
  const a = acceptor(to, admits, new SeenNonces());
  let accepted = a.receive(d.opening ?? '');
  const dialled = accepted.send === undefined ? {} : d.receive(accepted.send);
  if (dialled.send !== undefined) accepted = a.receive(dialled.send);
  return { dialled, accepted };
}

const reason = ({ outcome }: Move): string | undefined => (outcome?.ok === false ? outcome.reason : undefined);
const changed = (text: string | undefined, change: object): string => JSON.stringify({ ...JSON.parse(text ?? '{}'), ...change });

describe('a handshake', () => {
  it('tells each side who the other is', () => {
    const { dialled, accepted } = meet(one, two);
    expect(dialled.outcome).toEqual({ ok: true, session: { peer: 2, incarnation: 22, version: 1 } });
    expect(accepted.outcome).toEqual({ ok: true, session: { peer: 1, incarnation: 11, version: 1 } });
  });

  it('is refused by the dialler where the acceptor holds another key', () => {
    const { dialled, accepted } = meet(one, { ...two, key: Buffer.alloc(32, 8) });
    expect(reason(dialled)).toBe('bad_proof');
    expect(accepted.outcome).toBeUndefined();
  });

  it('is refused by the acceptor where the dialler holds another key', () => {
    const a = acceptor(two, anyone, new SeenNonces());
    const d = dialler({ ...one, key: Buffer.alloc(32, 8) }, 2, 'peer');
    a.receive(d.opening ?? '');
    expect(reason(a.receive(JSON.stringify({ type: 'proof', proof: nonce(1) })))).toBe('bad_proof');
  });

  it('is refused between clusters', () => expect(reason(meet({ ...one, cluster: 'd' }, two).accepted)).toBe('cluster'));
  it('is refused to whom the membership does not name', () => expect(reason(meet(one, two, (id) => id !== 1).accepted)).toBe('peer'));
  it('is refused where it was meant for another node', () => expect(reason(meet(one, { ...two, id: 3 }).accepted)).toBe('peer'));

  it.each([
    { least: 2, most: 3 },
    { least: 0, most: 0 },
  ])('is refused without a common version: $least to $most', (versions) => {
    const hello = changed(dialler(one, 2, 'peer').opening, { versions });
    expect(reason(acceptor(two, anyone, new SeenNonces()).receive(hello))).toBe('version');
  });

  it('is refused where the acceptor chose a version that was not offered', () => {
    const d = dialler(one, 2, 'peer');
    const { send } = acceptor(two, anyone, new SeenNonces()).receive(d.opening ?? '');
    expect(reason(d.receive(changed(send, { version: 0 })))).toBe('version');
  });

  it('listens to a later version that also speaks this one', () => {
    const hello = changed(dialler(one, 2, 'peer').opening, { versions: { least: 1, most: 9 }, colour: 'blue' });
    expect(acceptor(two, anyone, new SeenNonces()).receive(hello).send).toContain('"version":1');
  });

  it('is refused to a recorded hello', () => {
    const seen = new SeenNonces();
    const hello = dialler(one, 2, 'peer').opening ?? '';
    expect(acceptor(two, anyone, seen).receive(hello).send).toBeDefined();
    expect(reason(acceptor(two, anyone, seen).receive(hello))).toBe('replay');
  });

  it('is refused to a recorded proof: the acceptor says something new each time', () => {
    const d = dialler(one, 2, 'peer');
    const first = acceptor(two, anyone, new SeenNonces());
    const proof = d.receive(first.receive(d.opening ?? '').send ?? '').send ?? '';
    expect(first.receive(proof).outcome?.ok).toBe(true);
    // An acceptor that restarted has forgotten the nonces it saw.
    const second = acceptor(two, anyone, new SeenNonces());
    second.receive(d.opening ?? '');
    expect(reason(second.receive(proof))).toBe('bad_proof');
  });

  it("is refused to a reflection: an acceptor's proof does not pass for a dialler's", () => {
    const a = acceptor(two, anyone, new SeenNonces(), nonce(5));
    const { send } = a.receive(changed(dialler(one, 2, 'peer').opening, { nonce: nonce(5) }));
    const { proof } = JSON.parse(send ?? '{}');
    expect(reason(a.receive(JSON.stringify({ type: 'proof', proof })))).toBe('bad_proof');
  });

  it.each([
    ['cluster', { cluster: 'c ' }],
    ['incarnation', { incarnation: 12 }],
    ['role', { role: 'console' }],
    ['id', { from: 3 }],
  ])('is refused where the %s of the hello was changed on its way', (_, change) => {
    const d = dialler(one, 2, 'peer');
    const hello = changed(d.opening, change);
    const { send } = acceptor({ ...two, cluster: JSON.parse(hello).cluster }, anyone, new SeenNonces()).receive(hello);
    expect(reason(d.receive(send ?? ''))).toBe('bad_proof');
  });

  it.each(['', 'hello', '[]', 'null', '{"type":"hello"}', '{"type":"ping"}', `{"type":"hello","x":"${'x'.repeat(3_000)}"}`, '['.repeat(1_000)])(
    'is refused to what is no hello: %.20s',
    (text) => expect(reason(acceptor(two, anyone, new SeenNonces()).receive(text))).toBe('malformed'),
  );

  it('takes nothing but a proof after the hello', () => {
    const a = acceptor(two, anyone, new SeenNonces());
    const hello = dialler(one, 2, 'peer').opening ?? '';
    a.receive(hello);
    expect(reason(a.receive(hello))).toBe('malformed');
  });
});

describe('the nonces that were seen', () => {
  it('are forgotten oldest first', () => {
    const seen = new SeenNonces();
    for (let i = 0; i <= 1_024; i++) expect(seen.add(String(i))).toBe(true);
    expect(seen.add('1024')).toBe(false);
    expect(seen.add('0')).toBe(true);
  });
});
