/**
 * Who may do what in the control room: pure answers, so that each rule can be tested by itself.
 *
 * The adversary at home is a page of somebody else's in the visitor's own browser. It can reach loopback, so every name
 * it could come by is checked (against DNS rebinding), where it came from is checked (against forged requests and
 * sockets of other sites), and a command needs a token that only the start report has shown.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

export interface Access {
  /** Names under which the control room may be asked for, without ports. */
  readonly hosts: ReadonlySet<string>;
  readonly operatorToken: string;
  /** Where set, watching needs it, or the operator's. */
  readonly viewerToken: string | undefined;
}

export const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export function knownHost({ hosts }: Access, headers: Headers): boolean {
  const [, name] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(one(headers.host)) ?? [];
  return name !== undefined && hosts.has(name.toLowerCase());
}

/** A request that a page of our own made, or that no page made at all. */
export function ownOrigin(headers: Headers): boolean {
  const site = headers['sec-fetch-site'];
  return (site === undefined || site === 'same-origin') && (headers.origin === undefined || ownPage(headers));
}

/** The browser says that a page of our own asked. A socket needs this: browsers let any page open one to anywhere. */
export function ownPage(headers: Headers): boolean {
  const origin = one(headers.origin);
  const host = one(headers.host);
  return host !== '' && (origin === `http://${host}` || origin === `https://${host}`);
}

export const mayCommand = ({ operatorToken }: Access, token: string | undefined): boolean => token !== undefined && same(token, operatorToken);

export const mayWatch = (access: Access, token: string | undefined): boolean =>
  access.viewerToken === undefined || (token !== undefined && same(token, access.viewerToken)) || mayCommand(access, token);

/** The token of an `Authorization: Bearer` header. */
export const bearer = (headers: Headers): string | undefined => /^Bearer ([\w-]{1,128})$/i.exec(one(headers.authorization))?.[1];

/** Takes equally long whether the first character differs or the last. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

const one = (header: string | string[] | undefined): string => (typeof header === 'string' ? header : '');
