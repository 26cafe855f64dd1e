/** The keys of `lab up` on a terminal. In raw mode Ctrl-C is a key as well. */
import { spawn } from 'node:child_process';
import { controlRoomUrl } from '../console/report.ts';
import type { Launcher } from './launcher.ts';

export interface Keys {
  quit(): void;
  say(lines: readonly string[]): void;
  clear(): void;
}

const help = [
  'h  this help',
  'u  addresses, with the token',
  'o  open the control room',
  'c  clear the screen',
  'r  restart every node',
  'q  end the cluster',
];

export function keyboard(launcher: Launcher, { quit, say, clear }: Keys): void {
  const { stdin } = process;
  if (!stdin.isTTY) return;
  const url = controlRoomUrl({ consoleUrl: launcher.consoleUrl, token: launcher.place.token });
  const does: Readonly<Record<string, () => void>> = {
    h: () => say(help),
    u: () =>
      say([
        `Control room  ${url}`,
        ...launcher.nodes.map(({ id, name }) => `${name.padEnd(12)}  http://127.0.0.1:${launcher.ports.base + id}/state`),
      ]),
    o: () => {
      say([`opening ${launcher.consoleUrl}`]);
      open(url, () => say([`no browser could be opened: ${url}`]));
    },
    c: clear,
    r: () => {
      say(['restarting every node']);
      void Promise.all(launcher.nodes.map(({ name }) => launcher.act('restart', name))).then(() => say(['every node was restarted']));
    },
    q: quit,
    '\x03': () => process.emit('SIGINT'),
  };
  stdin.setRawMode(true).setEncoding('utf8').resume();
  process.once('exit', () => stdin.setRawMode(false));
  stdin.on('data', (keys: string) => {
    for (const key of keys) does[key.toLowerCase()]?.();
  });
}

/** In whatever the desktop thinks a browser is. */
function open(url: string, failed: () => void): void {
  const [program, args] = openers[process.platform] ?? ['xdg-open', []];
  const opener = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  opener.once('error', failed);
  opener.unref();
}

const openers: Readonly<Record<string, readonly [program: string, args: readonly string[]]>> = {
  darwin: ['open', []],
  win32: ['rundll32', ['url.dll,FileProtocolHandler']],
};
