/**
 * Where the supervisor of a home is asked to replace its gateways: a door on the loopback that it opens itself
 * and writes down in the home. Whoever finds no door there asks nobody. A signal could not promise that: it ends
 * a supervisor that does not listen, and whoever has the number of one that is gone.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { defineErrors, messageOf } from '#platform/error.ts';
import { listen } from '#platform/http.ts';
import { doorFile } from './home.ts';

const fail = defineErrors({
  'gateway.not_running': { status: 500 },
  'gateway.not_replaced': { status: 500 },
});

/** The gateway of this name serves in the place of the one before it. */
export type Replaced = Readonly<{ name: string; number: number; of: number }>;

/** Rejects with what the first new gateway could not do. */
export type ReplaceGateways = (onReplaced: (replaced: Replaced) => void) => Promise<void>;

const doorSchema = z.object({ url: z.url(), token: z.string() });
const lineSchema = z.union([
  z.object({ name: z.string(), number: z.number(), of: z.number() }),
  z.object({ isDone: z.literal(true) }),
  z.object({ error: z.string() }),
]);

/** The door, open until `close`. */
export async function openDoor(
  home: string,
  replace: ReplaceGateways,
): Promise<Readonly<{ close: () => Promise<void> }>> {
  const token = randomBytes(32).toString('base64url');
  const server = createServer((incoming, outgoing) => {
    if (!isExpected(incoming, token)) outgoing.writeHead(404).end();
    else void answer(outgoing, replace);
  });
  const { url, stop } = await listen(server, { host: '127.0.0.1', port: 0 });
  const path = doorFile(home);
  // Removed first: a file that is there keeps the rights it has.
  await rm(path, { force: true });
  await writeFile(path, JSON.stringify({ url, token }), { mode: 0o600 });
  return {
    close: async () => {
      await rm(path, { force: true });
      await stop(0);
    },
  };
}

function isExpected({ method, url, headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  const isKnown = given.length === wanted.length && timingSafeEqual(given, wanted);
  return isKnown && method === 'POST' && url === '/gateways/replace';
}

/** A line for each that is replaced and one at the end. Never rejects. */
async function answer(outgoing: ServerResponse, replace: ReplaceGateways): Promise<void> {
  const say = (line: z.infer<typeof lineSchema>): void =>
    void outgoing.write(`${JSON.stringify(line)}\n`);
  outgoing.writeHead(200, { 'content-type': 'application/x-ndjson' });
  outgoing.flushHeaders();
  try {
    await replace(say);
    say({ isDone: true });
  } catch (error) {
    say({ error: messageOf(error) });
  }
  outgoing.end();
}

/** Streams have 30 s to end; then somebody should look. */
const WAIT_MS = 10 * 60_000;

/** How many were replaced. Raises `gateway.not_running` and `gateway.not_replaced`. */
export async function replaceGateways(
  home: string,
  onReplaced: (replaced: Replaced) => void,
): Promise<number> {
  const response = await knock(home);
  let [count, isDone] = [0, false];
  try {
    for await (const text of createInterface(Readable.from(response.body ?? []))) {
      const line = lineSchema.parse(JSON.parse(text));
      if ('error' in line) throw new Error(line.error);
      if ('isDone' in line) isDone = true;
      else {
        count += 1;
        onReplaced(line);
      }
    }
    if (!isDone) throw new Error('the supervisor went away');
  } catch (error) {
    const message = `After ${count}: ${messageOf(error)}. The others serve on as they are.`;
    throw fail('gateway.not_replaced', message, { cause: error });
  }
  return count;
}

async function knock(home: string): Promise<Response> {
  const notRunning = (cause: unknown): Error =>
    fail('gateway.not_running', `No cloud that can replace its gateways runs from ${home}.`, {
      cause,
    });
  try {
    const { url, token } = doorSchema.parse(JSON.parse(await readFile(doorFile(home), 'utf8')));
    const response = await fetch(`${url}/gateways/replace`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(WAIT_MS),
    });
    if (response.ok) return response;
    await response.body?.cancel();
    throw new Error(`the door answered ${response.status}`);
  } catch (error) {
    throw notRunning(error);
  }
}
