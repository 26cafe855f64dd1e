/** A control room on a port of its own, over a cluster that is only told of. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Access, loopbackHosts } from '../../../services/console/access.ts';
import { operator } from '../../../services/console/commands.ts';
import type { ControlRoom } from '../../../services/console/control-room.ts';
import { createApp, createHttpServer } from '../../../services/console/http.ts';
import { type Live, serveLive } from '../../../services/console/live.ts';
import { newRoom } from '../../unit/console/cast.ts';

export interface Served {
  readonly port: number;
  readonly room: ControlRoom;
  readonly live: Live;
  readonly token: string;
  close(): Promise<void>;
}

export async function serve(viewerToken?: string, page?: string): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-test-'));
  if (page !== undefined) writeFileSync(join(folder, 'index.html'), page);
  const room = newRoom();
  const token = 'operator-operator';
  const access: Access = { hosts: new Set(loopbackHosts), operatorToken: token, viewerToken };
  const act = () => Promise.resolve({ ok: true });
  const server = createHttpServer(createApp(access, room, operator(room, act, act), folder));
  const live = serveLive(server, { access, room, hello: { cluster: room.nodes, world: 'processes', wallUs: 0, grafana: null, epoch: 1 } });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    room,
    live,
    token,
    close: () =>
      new Promise((resolve) => {
        live.close();
        server.close(() => resolve());
        server.closeAllConnections();
        rmSync(folder, { recursive: true });
      }),
  };
}
