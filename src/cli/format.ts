/** Numbers and times for people. Pure. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** 1536 is `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  const exponent = bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10);
  const unit = UNITS[Math.min(exponent, UNITS.length - 1)] ?? 'B';
  const value = bytes / 1024 ** UNITS.indexOf(unit);
  return `${unit === 'B' || value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;
}

/** 3 725 000 ms is `1 h 2 min`; the two largest parts. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d`;
}

/** `3 min ago`, of an ISO time. */
export function formatAgo(time: string, nowMs: number): string {
  const ms = nowMs - Date.parse(time);
  if (ms < 5000) return 'now';
  const [largest] = formatDuration(ms).split(/(?<=[a-z]) /);
  return `${largest} ago`;
}

/** 1234567 is `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** 596049920 is `0.6B`, 104000 is `0.1M`: in the unit that models are named with. */
export function formatParameters(count: number): string {
  const [unit, size] = count >= 1e8 ? (['B', 1e9] as const) : (['M', 1e6] as const);
  const value = count / size;
  return `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10}${unit}`;
}

/** A decimal string without zeros that say nothing: `0.001200000000` is `0.0012`. */
export function formatAmount(amount: string): string {
  return amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount;
}

const LIFE = /^(\d{1,4})([hdwy])$/;
const LIFE_HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 168, y: 8760 };

/** `30d` from now, or an ISO time, as an ISO time; null when it is neither. */
export function parseExpiry(text: string, nowMs: number): string | null {
  const life = LIFE.exec(text);
  if (life !== null) {
    const hours = Number(life[1]) * (LIFE_HOURS[life[2] ?? ''] ?? 0);
    return new Date(nowMs + hours * 3_600_000).toISOString();
  }
  const atMs = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? null : new Date(atMs).toISOString();
}
