/**
 * The published port: the page, the state and the history for whoever may watch, and commands for the operator.
 *
 * Everything that comes in is checked in the order of what it costs: the name that was asked for, where the request came
 * from, how often it comes, whose token it carries, and only then what it says. Nothing is changed by a GET.
 */
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { type Access, bearer, knownHost, mayCommand, mayWatch, ownOrigin } from './access.ts';
import { type Operator, parseCommand } from './commands.ts';
import type { ControlRoom } from './control-room.ts';

const pageFolder = fileURLToPath(new URL('../../dist/page', import.meta.url));

const itself = ["'self'"];
const nobody = ["'none'"];

/** Helmet's own defaults would send a page on plain HTTP to HTTPS, and allow inline styles. */
const headers = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: itself,
      scriptSrc: itself,
      styleSrc: itself,
      imgSrc: [...itself, 'data:'],
      connectSrc: itself,
      objectSrc: nobody,
      baseUri: nobody,
      formAction: nobody,
      frameAncestors: nobody,
    },
  },
  strictTransportSecurity: false,
});

const seconds = 1_000;
const pageLimit = { least: 1, usual: 500, most: 1_000 };

export function createApp(access: Access, room: ControlRoom, operator: Operator, page: string = pageFolder): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(headers);
  app.use((request, response, next) =>
    knownHost(access, request.headers) ? next() : fail(response, 403, "this name is not one of the control room's"),
  );

  app.use('/api', (_, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });

  const watching: RequestHandler = (request, response, next) =>
    mayWatch(access, bearer(request.headers)) ? next() : fail(response, 401, 'watching needs the viewer token');
  app.get('/api/state', watching, (_, response) => {
    response.json(room.picture.state);
  });
  app.get('/api/history', watching, (request, response) => {
    const since = whole(request.query.since, 0);
    const limit = whole(request.query.limit, pageLimit.usual);
    if (since === undefined || limit === undefined || limit < pageLimit.least || limit > pageLimit.most) {
      return fail(response, 400, `since must be a whole number, and limit one of ${pageLimit.least} to ${pageLimit.most}`);
    }
    response.json(room.history.after(since, limit));
  });

  app.post(
    '/api/commands',
    (request, response, next) =>
      ownOrigin(request.headers) ? next() : fail(response, 403, "commands are taken from the control room's own page only"),
    rateLimit({ windowMs: 10 * seconds, limit: 100, standardHeaders: true, legacyHeaders: false, handler: tooOften }),
    rateLimit({
      windowMs: 60 * seconds,
      limit: 20,
      skip: (request) => mayCommand(access, bearer(request.headers)),
      legacyHeaders: false,
      handler: tooOften,
    }),
    (request, response, next) =>
      mayCommand(access, bearer(request.headers)) ? next() : fail(response, 401, 'commands need the operator token, as Authorization: Bearer TOKEN'),
    (request, response, next) => (request.is('application/json') ? next() : fail(response, 415, 'commands are JSON: Content-Type: application/json')),
    express.json({ limit: 16 * 1024, strict: true }),
    async (request, response) => {
      const parsed = parseCommand(request.body);
      if (!parsed.ok) return fail(response, 400, parsed.error);
      const { understood, ...result } = await operator.perform(parsed.command);
      response.status(understood ? 200 : 400).json(result);
    },
  );

  app.use(express.static(page, { index: 'index.html', redirect: false }));
  app.get('/', (_, response) => {
    response.type('html').send(unbuilt);
  });
  app.use((_, response) => fail(response, 404, 'there is nothing here'));
  app.use(failed);
  return app;
}

/** The limits that keep slow or many clients from holding the server. */
export function createHttpServer(app: Express): Server {
  const server = createServer({ headersTimeout: 5 * seconds, requestTimeout: 10 * seconds, maxHeaderSize: 8 * 1024 }, app);
  server.maxConnections = 256;
  return server;
}

type Response = Parameters<RequestHandler>[1];

/** One shape for everything that is refused. */
function fail(response: Response, status: number, error: string): void {
  response.status(status).json({ ok: false, error });
}

const tooOften: RequestHandler = (_, response) => fail(response, 429, 'too many requests: try again in a minute');

/** Four parameters, by which Express knows it. */
const failed: ErrorRequestHandler = (error: { readonly status?: number }, _request, response, _next) => {
  const status = error.status !== undefined && error.status >= 400 && error.status < 500 ? error.status : 500;
  fail(response, status, status === 500 ? 'the console failed' : status === 413 ? 'more than 16 KiB' : 'the request is malformed');
};

/** `undefined` where there is something, but no whole number. */
function whole(text: unknown, otherwise: number): number | undefined {
  if (text === undefined) return otherwise;
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

const unbuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Lockstep</title>
<h1>Lockstep is running</h1>
<p>The page of the control room is not built yet: run <code>npm run build:page</code> and load this again.</p>
<p>Meanwhile, <a href="/api/state">the state of the cluster</a> is here.</p>
</html>
`;
