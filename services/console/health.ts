/**
 * The console's second port, which is never published: its health, and its metrics.
 *
 * It is alive while it answers, and ready once it hears a node: a console that watches nothing serves an empty room.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { ControlRoom } from './control-room.ts';
import type { Scrape } from './metrics.ts';

export function createHealthServer(room: ControlRoom, metrics: Scrape): Server {
  const answer: RequestListener = async ({ method, url }, response) => {
    const say = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (method !== 'GET') return say(405, { ok: false, error: 'only GET is answered here' });
    switch (url) {
      case '/healthz':
        return say(200, { ok: true });
      case '/readyz': {
        const up = [...room.picture.up].length;
        return say(up > 0 ? 200 : 503, { ok: up > 0, up, nodes: room.nodes.length });
      }
      case '/metrics': {
        const text = await metrics.text();
        response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
        return;
      }
      default:
        return say(404, { ok: false, error: 'there is nothing here' });
    }
  };
  // A failure to answer one scrape must not end the control room.
  return createServer({ headersTimeout: 5_000, requestTimeout: 10_000, maxHeaderSize: 8 * 1024 }, (request, response) => {
    Promise.resolve(answer(request, response)).catch(() => response.destroy());
  });
}
