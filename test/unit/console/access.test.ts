/** Who is let in, by name, by origin and by token. */
import { describe, expect, it } from 'vitest';
import { type Access, bearer, knownHost, loopbackHosts, mayCommand, mayWatch, ownOrigin, ownPage } from '../../../services/console/access.ts';

const access: Access = { hosts: new Set([...loopbackHosts, 'lab.example']), operatorToken: 'operator-operator', viewerToken: undefined };

describe('the name asked for', () => {
  it.each(['localhost', 'localhost:8080', 'LOCALHOST:8080', '127.0.0.1:9', '[::1]:8080', '[::1]', 'lab.example'])('%s is ours', (host) =>
    expect(knownHost(access, { host })).toBe(true),
  );
  it.each([
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    'evil.example:8080',
    'localhost:8080:8080',
    'localhost@evil.example',
    '127.0.0.2',
    '::1',
  ])('%s is not', (host) => expect(knownHost(access, { host })).toBe(false));
});

describe('the origin of a command', () => {
  const host = 'localhost:8080';
  it.each<Record<string, string>>([{}, { origin: 'http://localhost:8080' }, { origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' }])(
    '%o is our own page or none',
    (headers) => expect(ownOrigin({ host, ...headers })).toBe(true),
  );
  it.each<Record<string, string>>([
    { origin: 'http://localhost:3000' },
    { origin: 'http://127.0.0.1:8080' },
    { origin: 'null' },
    { origin: 'http://evil.example' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'http://localhost:8080', 'sec-fetch-site': 'cross-site' },
  ])('%o is not', (headers) => expect(ownOrigin({ host, ...headers })).toBe(false));
  it('must be there for a socket', () => {
    expect(ownPage({ host })).toBe(false);
    expect(ownPage({ host, origin: 'http://localhost:8080' })).toBe(true);
    expect(ownPage({ origin: 'http://' })).toBe(false);
  });
});

describe('tokens', () => {
  it('are compared as a whole', () => {
    expect(mayCommand(access, 'operator-operator')).toBe(true);
    for (const wrong of [undefined, '', 'operator', 'operator-operator-', 'Operator-operator']) expect(mayCommand(access, wrong)).toBe(false);
  });
  it('are asked of viewers only where there is one for them', () => {
    expect(mayWatch(access, undefined)).toBe(true);
    const closed = { ...access, viewerToken: 'viewer-viewer-viewer' };
    expect([undefined, 'x', 'viewer-viewer-viewer', 'operator-operator'].map((token) => mayWatch(closed, token))).toEqual([false, false, true, true]);
    expect(mayCommand(closed, 'viewer-viewer-viewer')).toBe(false);
  });
  it('come in an Authorization header', () => {
    expect(bearer({ authorization: 'Bearer abc-DEF_1' })).toBe('abc-DEF_1');
    for (const authorization of ['abc', 'Basic abc', 'Bearer a b', 'Bearer ']) expect(bearer({ authorization })).toBeUndefined();
  });
});
