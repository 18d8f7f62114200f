/** Recent speed and totals of this engine, for `stats()`. */
export type EngineMeter = Readonly<{
  /** Follows one request from its arrival; call the result's functions as things happen. */
  begin: () => RequestMeter;
  addCached: (tokens: number) => void;
  cachedTokens: () => number;
  timeToFirstTokenMs: () => number | null;
  timePerTokenMs: () => number | null;
}>;

export type RequestMeter = Readonly<{ token: () => void; end: () => void }>;

/** Enough to smooth one odd request, few enough to follow the load. */
const RECENT_REQUESTS = 64;

export function createEngineMeter(nowMs: () => number): EngineMeter {
  const firstTokens: number[] = [];
  const perTokens: number[] = [];
  let cached = 0;
  return {
    begin: () => {
      const startMs = nowMs();
      let firstMs: number | undefined;
      let lastMs = startMs;
      let tokens = 0;
      return {
        token: () => {
          lastMs = nowMs();
          tokens += 1;
          if (firstMs === undefined) {
            firstMs = lastMs;
            keep(firstTokens, firstMs - startMs);
          }
        },
        end: () => {
          if (firstMs !== undefined && tokens > 1)
            keep(perTokens, (lastMs - firstMs) / (tokens - 1));
        },
      };
    },
    addCached: (tokens) => {
      cached += tokens;
    },
    cachedTokens: () => cached,
    timeToFirstTokenMs: () => mean(firstTokens),
    timePerTokenMs: () => mean(perTokens),
  };
}

function keep(values: number[], value: number): void {
  values.push(value);
  if (values.length > RECENT_REQUESTS) values.shift();
}

function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
