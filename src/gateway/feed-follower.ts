/**
 * The feed, on the gateway's side: follows control's stream of states, connects again when it breaks
 * or falls silent, and keeps the last state on disk, so that a gateway that starts while control is
 * away serves from what it knew.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { messageOf } from '#platform/error.ts';
import type { Log } from '#platform/log.ts';
import type { FeedLine } from './feed.ts';
import { readFeedFile, createFeedWriter } from './feed-file.ts';
import type { FeedState } from './feed-state.ts';

export type FeedFollower = Readonly<{
  /** Takes up the last known feed, then follows. Returns at once; the feed may still be empty. */
  start: () => Promise<void>;
  stop: () => Promise<void>;
}>;

export type FeedFollowerOptions = Readonly<{
  controlUrl: string;
  joinToken: string;
  gatewayId: string;
  region: string;
  /** `$home/gateway/feed.json` */
  file: string;
  feed: FeedState;
  log: Log;
}>;

/** Three heartbeats: one may be late, two hardly. */
const SILENCE_MS = 9_000;
const CONNECT_TIMEOUT_MS = 2_000;
const HEAD_TIMEOUT_MS = 5_000;
const RECONNECT_MS_MIN = 100;
const RECONNECT_MS_MAX = 5_000;
/** A million replicas; more is a fault. */
const LINE_CHARACTERS_MAX = 512 * 1024 * 1024;

export function createFeedFollower(options: FeedFollowerOptions): FeedFollower {
  const { feed, log } = options;
  const agent = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS } });
  const writer = createFeedWriter(options.file, log);
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let pauseMs = RECONNECT_MS_MIN;

  function take(line: FeedLine): void {
    feed.heard();
    pauseMs = RECONNECT_MS_MIN;
    if (line.kind === 'state') {
      feed.replace(line.feed);
      writer.write(line.feed);
    }
  }

  async function followOnce(): Promise<void> {
    const query = new URLSearchParams({ gateway: options.gatewayId, region: options.region });
    const response = await request(`${options.controlUrl}/internal/v1/feed?${query.toString()}`, {
      dispatcher: agent,
      headers: { authorization: `Bearer ${options.joinToken}` },
      signal: stopping.signal,
      headersTimeout: HEAD_TIMEOUT_MS,
      bodyTimeout: SILENCE_MS,
    });
    if (response.statusCode !== 200) {
      await response.body.dump();
      throw new Error(`control answered ${response.statusCode}`);
    }
    for await (const line of linesOf(response.body)) take(parseLine(line));
  }

  async function followUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await followOnce();
      } catch (error) {
        if (stopping.signal.aborted) return;
        log.warn('feed.lost', { reason: messageOf(error), version: feed.view().version });
      }
      // Gateways that lost the same control should not all come back in the same moment.
      const spreadMs = pauseMs * (0.5 + Math.random());
      pauseMs = Math.min(RECONNECT_MS_MAX, pauseMs * 2);
      // Rejects only because we stop, and then the loop ends.
      await delay(spreadMs, undefined, { signal: stopping.signal }).catch(() => null);
    }
  }

  return {
    start: async () => {
      const known = await readFeedFile(options.file, log);
      if (known !== null && feed.view().version === 0) feed.replace(known);
      running = followUntilStopped();
    },
    stop: async () => {
      stopping.abort();
      await running;
      await writer.stop();
      await agent.destroy();
    },
  };
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const part of body) {
    const lines = (rest + decoder.decode(part, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_CHARACTERS_MAX) throw new Error('a feed line that does not end');
    for (const line of lines) if (line !== '') yield line;
  }
}

/** Control and gateway are one code base; what is checked is that it is a line of the feed at all. */
function parseLine(text: string): FeedLine {
  const line: FeedLine = JSON.parse(text);
  if (line.kind !== 'state' && line.kind !== 'heartbeat') throw new Error('an unknown feed line');
  return line;
}
