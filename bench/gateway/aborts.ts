/**
 * How soon an engine hears that a caller left, through our gateway with everything on. Engine and callers
 * are this process, so that both times are of one clock; beside it the same without a gateway. Half of the
 * callers leave before their first token, half in the middle of the stream.
 */
import { createServer } from 'node:http';
import { type Socket, connect } from 'node:net';
import { listen } from '#platform/http.ts';
import { createKey } from '#tenancy/key.ts';
import { MODEL, requestBody } from './scenario.ts';
import { startOwn } from './target.ts';

const CALLERS = 1_000;
/** Open at the same time. */
const AT_ONCE = 100;
const ROLE =
  'data: {"id":"c","object":"chat.completion.chunk","created":1,"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n';

const key = createKey('api').secret;
/** By the number that a caller put into its body: when its answer was cut. */
const cutAtMs = new Map<number, number>();
let begun = 0;
const server = createServer((incoming, outgoing) => {
  let body = '';
  incoming.on('data', (part: Buffer) => (body += part.toString()));
  incoming.on('end', () => {
    const number = Number(/"user":"(\d+)"/.exec(body)?.[1]);
    begun += 1;
    outgoing.on('close', () => cutAtMs.set(number, performance.now()));
    if (number % 2 === 0) return;
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write(ROLE);
  });
});
const engine = await listen(server, { host: '127.0.0.1', port: 0 });
const control = await startOwn('control', 'control-stand-in.ts');
const ours = await startOwn('Flywheel', 'our-gateway.ts', {
  parameters: [engine.url, control.url],
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function measure(address: string): Promise<readonly number[]> {
  const url = new URL(address);
  const delays: number[] = [];
  const body = JSON.parse(requestBody(true, MODEL));
  for (let from = 0; from < CALLERS; from += AT_ONCE) {
    const before = begun;
    let heard = 0;
    cutAtMs.clear();
    const sockets = Array.from({ length: AT_ONCE }, (_, number): Socket => {
      const text = JSON.stringify({ ...body, user: String(number) });
      const socket = connect(Number(url.port), url.hostname);
      socket.on('error', () => {});
      socket.on('data', (part) => {
        if (part.includes('data: ')) heard += 1;
      });
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\n` +
          `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
      );
      return socket;
    });
    await until(() => begun === before + AT_ONCE && heard >= AT_ONCE / 2);
    // One by one, as people leave; all in one turn would measure the line they make.
    for (const [number, socket] of sockets.entries()) {
      const leftAtMs = performance.now();
      socket.destroy();
      await until(() => cutAtMs.has(number));
      delays.push((cutAtMs.get(number) ?? 0) - leftAtMs);
    }
  }
  return delays.toSorted((a, b) => a - b);
}

const row = (name: string, delays: readonly number[]) => {
  const at = (part: number): string => (delays[Math.floor(delays.length * part)] ?? 0).toFixed(2);
  return {
    '': name,
    'p50 ms': at(0.5),
    'p99 ms': at(0.99),
    'largest ms': (delays.at(-1) ?? 0).toFixed(2),
  };
};
const without = await measure(engine.url);
const through = await measure(ours.url);
console.table([row('without a gateway', without), row('Flywheel', through)]);
console.log(`${CALLERS} callers left, ${AT_ONCE} at a time. Goal: at most 100 ms.`);

await ours.stop();
await control.stop();
await engine.stop(0);
