/** What a member of etcd says of itself, and since when it names whom it follows. */
import { Agent, request } from 'node:http';
import { loopback } from '../ports.ts';

export interface Status {
  readonly self: string;
  /** Whom it follows; nobody while it knows of no leader. */
  readonly leader: string | undefined;
  readonly raftIndex: string;
  readonly raftTerm: string;
}

/** Since when a member has named this leader: at some instant later than `after`, and not later than `heard`. */
export interface Sighting {
  readonly leader: string | undefined;
  readonly after: number;
  readonly heard: number;
  /** When it was asked last. */
  readonly asked: number;
}

const agent = new Agent({ keepAlive: true });
const answerMs = 1_000;

/** `undefined` where it does not answer. */
export function statusOf(port: number): Promise<Status | undefined> {
  return new Promise((resolve) => {
    const nothing = (): void => resolve(undefined);
    const ask = request({ host: loopback, port, path: '/v3/maintenance/status', method: 'POST', agent, timeout: answerMs }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
      response.once('end', () => resolve(parseStatus(text)));
      response.once('error', nothing);
    });
    ask.once('timeout', () => ask.destroy());
    ask.once('error', nothing);
    ask.end('{}');
  });
}

/** Numbers of 64 bits come as text, and those that are zero not at all. */
export function parseStatus(text: string): Status | undefined {
  try {
    const { header, leader, raftIndex, raftTerm } = JSON.parse(text) as {
      readonly header?: { readonly member_id?: string };
      readonly leader?: string;
      readonly raftIndex?: string;
      readonly raftTerm?: string;
    };
    if (header?.member_id === undefined || raftIndex === undefined || raftTerm === undefined) return undefined;
    return { self: header.member_id, leader: leader === '0' ? undefined : leader, raftIndex, raftTerm };
  } catch {
    return undefined;
  }
}

export function sighted(before: Sighting | undefined, { leader, asked, heard }: Omit<Sighting, 'after'>): Sighting {
  if (before === undefined) return { leader, after: asked, heard, asked };
  return leader === before.leader ? { ...before, asked } : { leader, after: before.asked, heard, asked };
}
