/** A process whose cost is measured: says where it listens, and what it used when asked. */
import type { Server } from 'node:http';
import { listen } from '#platform/http.ts';

export type FromMeasured =
  | Readonly<{ kind: 'ready'; url: string }>
  | Readonly<{ kind: 'used'; cpuMicros: number; rssBytes: number }>;

export async function measured(server: Server, stop?: () => Promise<void>): Promise<void> {
  const { url } = await listen(server, { host: '127.0.0.1', port: 0 });
  reportWhenAsked(url, stop);
}

export function reportWhenAsked(url: string, stop?: () => Promise<void>): void {
  process.on('message', (question) => {
    if (question === 'stop') {
      void (stop?.() ?? Promise.resolve()).then(() => process.exit(0));
      return;
    }
    const { user, system } = process.cpuUsage();
    say({ kind: 'used', cpuMicros: user + system, rssBytes: process.memoryUsage.rss() });
  });
  process.on('disconnect', () => process.exit(0));
  say({ kind: 'ready', url });
}

function say(message: FromMeasured): void {
  process.send?.(message);
}
