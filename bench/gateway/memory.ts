/**
 * Whether the gateway's memory stays flat: twenty minutes of calls with everything on, whole and streamed,
 * of which three in ten are cut by their caller at any moment. Resident memory every five seconds, shown by
 * minute; goal: after the first quarter the median of no five minutes is further than 5 % from that of all
 * (within a minute it goes up and down with the collector). `MINUTES=2` is a try.
 */
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { listen } from '#platform/http.ts';
import { createKey } from '#tenancy/key.ts';
import { usedBy } from './process-cost.ts';
import { MODEL, requestBody } from './scenario.ts';
import { startOwn } from './target.ts';

const MINUTES = Number(process.env['MINUTES'] ?? 20);
const CALLERS = 60;
const CUT_SHARE = 0.3;
/** A stream lasts as long as its chunks take; a caller that cuts leaves at any time within. */
const CHUNKS = 20;
const CHUNK_EVERY_MS = 25;
/** Half of the machine at most: a queue that grows would be measured instead. */
const PAUSE_MS = 250;
const SAMPLE_EVERY_MS = 5_000;
const SPAN_MS = 5 * 60_000;
const GOAL = 0.05;

const head = '"id":"c","created":1,"model":"m"';
const chunk = `data: {${head},"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" token"},"finish_reason":null}]}\n\n`;
const usage = `"usage":{"prompt_tokens":20,"completion_tokens":${CHUNKS},"total_tokens":${20 + CHUNKS}}`;
const last = `data: {${head},"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: {${head},"object":"chat.completion.chunk","choices":[],${usage}}\n\ndata: [DONE]\n\n`;
const whole = `{${head},"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"word"},"finish_reason":"stop"}],${usage}}`;

const engineServer = createServer((incoming, outgoing) => {
  let isStream = false;
  incoming.on('data', (part: Buffer) => {
    isStream ||= part.includes('"stream":true');
  });
  incoming.on('end', () => {
    if (!isStream) {
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.end(whole);
      return;
    }
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    let sent = 0;
    const timer = setInterval(() => {
      sent += 1;
      if (sent <= CHUNKS) outgoing.write(chunk);
      else outgoing.end(last);
    }, CHUNK_EVERY_MS);
    outgoing.on('close', () => clearInterval(timer));
  });
});
const engine = await listen(engineServer, { host: '127.0.0.1', port: 0 });
const control = await startOwn('control', 'control-stand-in.ts');
const ours = await startOwn('Flywheel', 'our-gateway.ts', {
  parameters: [engine.url, control.url],
});
const key = createKey('api').secret;
const { hostname, port } = new URL(ours.url);
const counts = { answered: 0, cut: 0, failed: 0 };
const ending = new AbortController();

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One call on a connection of its own, cut at any moment of its life or read to its end. */
function call(): Promise<void> {
  const isStream = Math.random() < 0.5;
  const isCut = Math.random() < CUT_SHARE;
  const body = requestBody(isStream, MODEL);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    if (isCut) setTimeout(() => socket.destroy(), Math.random() * CHUNKS * CHUNK_EVERY_MS);
    socket.on('data', (part: Buffer) => {
      text = (text + part.toString('latin1')).slice(-1000);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      const isWhole = text.includes('[DONE]') || text.includes('"completion_tokens"');
      counts[isWhole ? 'answered' : isCut ? 'cut' : 'failed'] += 1;
      resolve();
    });
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\nconnection: close\r\n` +
        `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
}

async function caller(): Promise<void> {
  while (!ending.signal.aborted) {
    await call();
    await pause(Math.random() * PAUSE_MS * 2);
  }
}

const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const samples: { atMs: number; megabytes: number }[] = [];
const startedMs = performance.now();
const callers = Array.from({ length: CALLERS }, () => caller());
while (performance.now() - startedMs < MINUTES * 60_000) {
  await pause(SAMPLE_EVERY_MS);
  const megabytes = usedBy(ours.pid).rssBytes / 1_000_000;
  samples.push({ atMs: performance.now() - startedMs, megabytes });
}
ending.abort();
await Promise.all(callers);

const settled = samples.filter(({ atMs }) => atMs > MINUTES * 15_000);
const middle = median(settled.map(({ megabytes }) => megabytes));
const mediansBy = (spanMs: number): readonly { minute: number; megabytes: number }[] =>
  [...Map.groupBy(settled, ({ atMs }) => Math.floor(atMs / spanMs))].map(([span, of]) => ({
    minute: (span * spanMs) / 60_000,
    megabytes: median(of.map(({ megabytes }) => megabytes)),
  }));
const furthestOf = (spanMs: number): number =>
  Math.max(...mediansBy(spanMs).map(({ megabytes }) => Math.abs(megabytes / middle - 1)));
console.table(
  mediansBy(60_000).map(({ minute, megabytes }) => ({ minute, 'memory MB': megabytes.toFixed(0) })),
);
const furthest = furthestOf(SPAN_MS);
console.log(`${counts.answered} answered, ${counts.cut} cut, ${counts.failed} failed`);
console.log(
  `median ${middle.toFixed(0)} MB; the furthest minute is ${percent(furthestOf(60_000))} away, the furthest five minutes ${percent(furthest)} (goal: at most ${percent(GOAL)})`,
);
if (furthest > GOAL || counts.failed > 0) process.exitCode = 1;

await ours.stop();
await control.stop();
await engine.stop(0);
