/** Reads the six numbers of an engine that offers them as JSON. */
import { z } from 'zod';

import { failEngine } from './errors.ts';
import type { EngineStats } from './engine.ts';

/** The numbers are made without work, so an engine that needs longer is not well. */
const STATS_TIMEOUT_MS = 5_000;

const number = z.number().nullable();
const statsSchema = z.object({
  running: number,
  waiting: number,
  kvUse: number,
  cachedTokens: number,
  timeToFirstTokenMs: number,
  timePerTokenMs: number,
});

/** Throws `engine.unreachable`. */
export async function fetchStats(url: string, key: string): Promise<EngineStats> {
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(STATS_TIMEOUT_MS),
    });
    return statsSchema.parse(await response.json());
  } catch (error) {
    throw failEngine('engine.unreachable', 'The engine does not answer.', { cause: error });
  }
}
