/** The six numbers as Prometheus text, under the names that the `openai` adapter also knows. */
import type { EngineStats } from '../engine.ts';

export function statsText(stats: EngineStats): string {
  const lines: [name: string, type: string, value: number | null][] = [
    ['flywheel:requests_running', 'gauge', stats.running],
    ['flywheel:requests_waiting', 'gauge', stats.waiting],
    ['flywheel:kv_use_ratio', 'gauge', stats.kvUse],
    ['flywheel:cached_tokens_total', 'counter', stats.cachedTokens],
    ['flywheel:time_to_first_token_ms', 'gauge', stats.timeToFirstTokenMs],
    ['flywheel:time_per_token_ms', 'gauge', stats.timePerTokenMs],
  ];
  return lines
    .filter(([, , value]) => value !== null)
    .map(([name, type, value]) => `# TYPE ${name} ${type}\n${name} ${value}\n`)
    .join('');
}
