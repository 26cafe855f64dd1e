/** The published port over real HTTP: what it serves, and everything that it refuses. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { steady } from '../../unit/console/cast.ts';
import { ask } from './browser-like.ts';
import { type Served, serve } from './served.ts';

let served: Served;
beforeAll(async () => {
  served = await serve();
  steady(served.room, { kmc: 700 });
  served.room.tick(100_000);
});
afterAll(() => served.close());

const json = 'application/json';
const order = (change: Record<string, string | undefined> = {}, body = '{"id":"a","verb":"kill","args":["kmc"]}') => {
  const headers: Record<string, string | undefined> = { authorization: `Bearer ${served.token}`, 'content-type': json, ...change };
  const set = Object.entries(headers).filter((header): header is [string, string] => header[1] !== undefined);
  return ask(served.port, '/api/commands', { method: 'POST', headers: Object.fromEntries(set), body });
};

describe('GET', () => {
  it('answers with the state', async () => {
    const { status, headers, text } = await ask(served.port, '/api/state');
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([200, `${json}; charset=utf-8`, 'no-store']);
    expect(JSON.parse(text)).toMatchObject({ world: 'processes', leader: 'master', spreadUs: 700, truth: 'one-host' });
  });

  it('answers with the history in pages, lines of clocks included', async () => {
    const whole = JSON.parse((await ask(served.port, '/api/history')).text);
    expect(whole.events).toHaveLength(4);
    expect(whole.events[0]).toMatchObject({ seq: 1, kind: 'clock.line', errorUs: 700 });
    const page = JSON.parse((await ask(served.port, '/api/history?since=1&limit=2')).text);
    expect(page).toMatchObject({ events: [{ seq: 2 }, { seq: 3 }], next: 3 });
  });

  it.each(['since=x', 'since=-1', 'limit=0', 'limit=1001', 'since=1&since=2'])('refuses a history of %s', async (query) => {
    expect(await ask(served.port, `/api/history?${query}`)).toMatchObject({ status: 400, text: expect.stringContaining('"ok":false') });
  });

  it('says how to build a page that is not built', async () => {
    const { status, text } = await ask(served.port, '/');
    expect([status, text]).toEqual([200, expect.stringContaining('npm run build:page')]);
  });

  it.each(['/nothing', '/api/nothing', '/metrics', '/healthz', '/../package.json', '/%2e%2e/package.json'])(
    'has nothing at %s, in one shape',
    async (path) => {
      expect(await ask(served.port, path)).toMatchObject({ status: 404, text: '{"ok":false,"error":"there is nothing here"}' });
    },
  );

  it('serves the page that is built, under a strict policy', async () => {
    const other = await serve(undefined, '<p>the page</p>');
    const { text, headers } = await ask(other.port, '/');
    await other.close();
    expect(text).toBe('<p>the page</p>');
    expect(headers['content-security-policy']).toBe(
      "default-src 'self';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';object-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    );
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('answers to its own names only', async () => {
    expect((await ask(served.port, '/api/state', { headers: { host: 'evil.example' } })).status).toBe(403);
    expect((await ask(served.port, '/', { headers: { host: 'localhost:1' } })).status).toBe(200);
  });

  it('shows itself to viewers with a token only, where there is one', async () => {
    const closed = await serve('viewer-viewer-viewer');
    const statuses = await Promise.all(
      [{}, { authorization: 'Bearer viewer-viewer-viewer' }, { authorization: `Bearer ${closed.token}` }].map(
        async (headers) => (await ask(closed.port, '/api/state', { headers })).status,
      ),
    );
    await closed.close();
    expect(statuses).toEqual([401, 200, 200]);
  });
});

describe('POST /api/commands', () => {
  it('does what the operator asks', async () => expect(await order()).toMatchObject({ status: 200, text: '{"ok":true}' }));

  it.each<[string, number, Record<string, string | undefined>, string?]>([
    ['no token', 401, { authorization: undefined }],
    ['another token', 401, { authorization: 'Bearer operator-operatoR' }],
    ['a page of another site', 403, { origin: 'http://evil.example' }],
    ['a page of another port', 403, { origin: 'http://localhost:3000' }],
    ['a request that a browser calls foreign', 403, { 'sec-fetch-site': 'cross-site' }],
    ['another name', 403, { host: 'evil.example' }],
    ['a form', 415, { 'content-type': 'application/x-www-form-urlencoded' }],
    ['plain text', 415, { 'content-type': 'text/plain' }],
    ['no JSON', 400, {}, '{"id":'],
    ['a command without an id', 400, {}, '{"verb":"kill"}'],
    ['an unknown verb', 400, {}, '{"id":"b","verb":"explode","args":["kmc"]}'],
    ['an unknown node', 400, {}, '{"id":"c","verb":"kill","args":["nobody"]}'],
    ['too much', 413, {}, `{"id":"d","verb":"kill","args":["${'x'.repeat(17_000)}"]}`],
  ])('refuses %s with %i', async (_, status, headers, body) => {
    expect(await order(headers, body)).toMatchObject({ status, text: expect.stringMatching(/^\{"ok":false,"error":".+"\}$/) });
  });

  it('is a command only where it is posted', async () => expect((await ask(served.port, '/api/commands')).status).toBe(404));

  it('soon stops listening to whoever guesses tokens, and to nobody else', async () => {
    const other = await serve();
    const guess = () =>
      ask(other.port, '/api/commands', { method: 'POST', headers: { authorization: 'Bearer guess', 'content-type': json }, body: '{}' });
    const statuses = [];
    for (let i = 0; i < 25; i += 1) statuses.push((await guess()).status);
    const headers = { authorization: `Bearer ${other.token}`, 'content-type': json };
    const { status } = await ask(other.port, '/api/commands', { method: 'POST', headers, body: '{"id":"a","verb":"kill","args":["kmc"]}' });
    await other.close();
    expect(statuses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 401));
    expect(statuses.slice(20)).toEqual(Array.from({ length: 5 }, () => 429));
    expect(status).toBe(200);
  });
});
