/**
 * The node's one port: health, readiness, metrics and state for whoever asks, WebSockets for peers and the console.
 *
 * None of it is meant for a browser, so that an upgrade which names an origin is refused, whichever it names.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import express, { type Express } from 'express';
import helmet from 'helmet';
import { type WebSocket, WebSocketServer } from 'ws';
import { socketLimits } from './socket-limits.ts';

/** What the routes answer. */
export interface Answers {
  /** What is missing until this node is ready; nothing once it is. */
  missing(): readonly string[];
  state(): unknown;
  metrics(): Promise<string>;
  readonly metricsType: string;
}

export type Path = '/peer' | '/history';

export interface Port {
  readonly server: Server;
  /** Cuts off whoever is still connected. */
  cutOff(): void;
}

export function serve(answers: Answers, joined: (path: Path, socket: WebSocket) => void): Port {
  const limits = { headersTimeout: 5_000, requestTimeout: 10_000, maxHeaderSize: 8 * 1024, connectionsCheckingInterval: 1_000 };
  const server = createServer(limits, routes(answers));
  server.maxConnections = 256;
  const connections = new Set<Socket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  const sockets = new WebSocketServer({ noServer: true, clientTracking: false, ...socketLimits });
  // Whoever sends no HTTP, or leaves in the middle of it, is no reason to end.
  server.on('clientError', (_, socket) => socket.destroy());
  sockets.on('wsClientError', (_, socket) => socket.destroy());
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const path = request.url;
    if (path !== '/peer' && path !== '/history') return refuse(socket, '404 Not Found');
    if (request.headers.origin !== undefined) return refuse(socket, '403 Forbidden');
    sockets.handleUpgrade(request, socket, head, (opened) => {
      opened.on('error', () => undefined);
      joined(path, opened);
    });
  });
  return {
    server,
    cutOff() {
      for (const socket of connections) socket.destroy();
    },
  };
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

function routes({ missing, state, metrics, metricsType }: Answers): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
      strictTransportSecurity: false,
    }),
  );
  app.get('/healthz', (_, response) => {
    response.json({ ok: true });
  });
  app.get('/readyz', (_, response) => {
    const lacks = missing();
    response.status(lacks.length === 0 ? 200 : 503).json({ ready: lacks.length === 0, missing: lacks });
  });
  app.get('/state', (_, response) => {
    response.json(state());
  });
  app.get('/metrics', async (_, response) => {
    response.set('Content-Type', metricsType).send(await metrics());
  });
  app.use((_, response) => {
    response.status(404).json({ error: 'not found' });
  });
  return app;
}
