/** Counts, sizes, times and durations in the reader's language. Pure: the language is an argument. */
const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export function formatNumber(value: number, language: string): string {
  return new Intl.NumberFormat(language).format(value);
}

/** `1.24M`, `124万`. Numbers that fit stay whole, so that a person sees each call being counted. */
export function formatCompact(value: number, language: string): string {
  if (Math.abs(value) < 100_000) return formatNumber(value, language);
  return new Intl.NumberFormat(language, {
    notation: 'compact',
    maximumSignificantDigits: 3,
  }).format(value);
}

/** Decimal units, as disks and model pages count. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${BYTE_UNITS[unit] ?? ''}`;
}

/** Parameters of a model: `596M`, `7.6B`. The letters are the field's own in every language. */
export function formatParameters(count: number): string {
  if (count >= 1e9) return `${trim(count / 1e9)}B`;
  if (count >= 1e6) return `${Math.round(count / 1e6)}M`;
  return count >= 1000 ? `${Math.round(count / 1000)}K` : String(count);
}

function trim(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, '');
}

export function formatDuration(durationMs: number): string {
  if (durationMs < SECOND_MS) return `${Math.round(durationMs)} ms`;
  if (durationMs < MINUTE_MS) return `${(durationMs / SECOND_MS).toFixed(2)} s`;
  return `${Math.floor(durationMs / MINUTE_MS)} min ${Math.round((durationMs % MINUTE_MS) / SECOND_MS)} s`;
}

export function formatTime(iso: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' }).format(
    new Date(iso),
  );
}

export function formatDay(iso: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(iso));
}

/** `3 minutes ago`, `in 2 days`. */
export function formatRelative(iso: string, language: string, nowMs: number): string {
  const elapsedMs = Date.parse(iso) - nowMs;
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  const distanceMs = Math.abs(elapsedMs);
  if (distanceMs < MINUTE_MS) return relative.format(Math.round(elapsedMs / SECOND_MS), 'second');
  if (distanceMs < HOUR_MS) return relative.format(Math.round(elapsedMs / MINUTE_MS), 'minute');
  if (distanceMs < DAY_MS) return relative.format(Math.round(elapsedMs / HOUR_MS), 'hour');
  return relative.format(Math.round(elapsedMs / DAY_MS), 'day');
}
