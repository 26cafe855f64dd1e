/** CLUSTER, entry by entry: what is read from it, and that every mistake in it is told at once. */
import { describe, expect, it } from 'vitest';
import { fingerprint, linked, membersOf, type Peer, parseCluster } from '../../../services/node/cluster.ts';

const good = '1=kmc@kmc:4100,2=mit@127.0.0.1:4102, 101=mobile:device@[::1]:4100,103=ledger:ledger@ledger:4100';
const cluster = (text: string): readonly Peer[] => {
  const parsed = parseCluster(text);
  if (!parsed.ok) throw new Error(parsed.errors.join('\n'));
  return parsed.cluster;
};
const errors = (text: string): readonly string[] => {
  const parsed = parseCluster(text);
  return parsed.ok ? [] : parsed.errors;
};

describe('CLUSTER', () => {
  it('names nodes with id, role and address, member where no role is named', () => {
    expect(cluster(good)).toEqual([
      { id: 1, name: 'kmc', role: 'member', host: 'kmc', port: 4100 },
      { id: 2, name: 'mit', role: 'member', host: '127.0.0.1', port: 4102 },
      { id: 101, name: 'mobile', role: 'device', host: '[::1]', port: 4100 },
      { id: 103, name: 'ledger', role: 'ledger', host: 'ledger', port: 4100 },
    ]);
  });

  it('orders ids as numbers', () => expect(membersOf(cluster('10=j@h:1,9=i@h:2,2=b:member@h:3'))).toEqual([2, 9, 10]));

  it.each([
    ['', /names no node/],
    [' , ', /names no node/],
    ['1', /"1" is not of the form/],
    ['x=kmc@kmc:4100', /not of the form/],
    ['1=Kmc@kmc:4100', /not of the form/],
    ['1=kmc@kmc', /not of the form/],
    ['1=kmc@kmc:port', /not of the form/],
    ['1=kmc@k mc:4100', /not of the form/],
    ['1=kmc:king@kmc:4100', /unknown role "king": member, device, ledger/],
    ['0=kmc@kmc:4100', /id 0: 1 to 9999/],
    ['100=kmc@kmc:4100', /100 is the console's/],
    ['1=console@kmc:4100', /the console's own name/],
    ['1=kmc@kmc:0', /port 0: 1 to 65535/],
    ['1=kmc@kmc:65536', /port 65536: 1 to 65535/],
    ['1=kmc@kmc:1,1=mit@mit:1', /id 1 is given to more than one node/],
    ['1=kmc@kmc:1,2=kmc@mit:1', /name "kmc" is given to more than one node/],
    ['101=mobile:device@mobile:1', /names no member/],
  ])('is refused: %j', (text, why) => {
    expect(errors(text)).toHaveLength(1);
    expect(errors(text)[0]).toMatch(why);
  });

  it('tells all that is wrong with it', () => expect(errors('1=kmc,2=mit:king@mit:1,3=a@a:1,3=a@a:0,4=a@a:1')).toHaveLength(4));
});

describe('who is linked', () => {
  const [kmc, mit, mobile, laptop, ledger] = cluster('1=kmc@h:1,2=mit@h:2,101=mobile:device@h:3,102=laptop:device@h:4,103=ledger:ledger@h:5') as [
    Peer,
    Peer,
    Peer,
    Peer,
    Peer,
  ];
  it.each([
    [kmc, mit, true],
    [kmc, mobile, true],
    [mobile, kmc, true],
    [mobile, laptop, false],
    [kmc, ledger, true],
    [ledger, mit, true],
    [ledger, mobile, false],
    [kmc, kmc, false],
  ])('%o and %o: %s', (a, b, expected) => expect(linked(a, b)).toBe(expected));
});

describe('the fingerprint', () => {
  it('does not depend on the order of the entries, nor on where nodes are reached', () =>
    expect(fingerprint(cluster('1=a@h:1,2=b@h:2'))).toBe(fingerprint(cluster('2=b@other:9,1=a@h:1'))));
  it.each(['1=a@h:1,3=b@h:2', '1=a@h:1,2=c@h:2', '1=a@h:1,2=b:device@h:2', '1=a@h:1'])('differs for %s', (text) =>
    expect(fingerprint(cluster(text))).not.toBe(fingerprint(cluster('1=a@h:1,2=b@h:2'))),
  );
});
