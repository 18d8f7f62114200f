/** A bar for bytes that arrive: how much, how fast, how long still. The drawing is pure. */
import { formatBytes, formatDuration } from './format.ts';
import type { Channel } from './terminal.ts';
import { displayWidth, oneLine } from './text.ts';

export type Progress = Readonly<{
  label: string;
  done: number;
  /** Null while nobody knows. */
  total: number | null;
  bytesPerSecond: number | null;
}>;

const BAR_WIDTH_MAX = 30;
/** Text takes this much before a bar is worth having. */
const BAR_WIDTH_MIN = 8;
/** The rate is a mean over this long, so that the time left does not jump about. */
const RATE_WINDOW_MS = 5000;

/** One line of at most `columns`; what is done is bytes where nobody says otherwise. */
export function renderProgress(
  progress: Progress,
  columns: number,
  formatDone: (done: number) => string = formatBytes,
): string {
  const { label, done, total, bytesPerSecond } = progress;
  const rate = bytesPerSecond === null ? '' : `${formatDone(bytesPerSecond)}/s`;
  if (total === null || total === 0) return join([label, formatDone(done), rate]);
  const fraction = Math.min(1, done / total);
  const leftMs = bytesPerSecond ? ((total - done) / bytesPerSecond) * 1000 : null;
  const eta = leftMs === null || fraction === 1 ? '' : `${formatDuration(leftMs)} left`;
  const percent = `${Math.floor(fraction * 100)}%`.padStart(4);
  const facts = join([`${formatDone(done)} of ${formatDone(total)}`, rate, eta]);
  const room = columns - displayWidth(label) - percent.length - displayWidth(facts) - 8;
  const width = Math.min(BAR_WIDTH_MAX, room);
  if (width < BAR_WIDTH_MIN) return join([label, percent.trim(), facts]);
  const full = Math.round(fraction * width);
  return `${label}  ${'█'.repeat(full)}${'░'.repeat(width - full)} ${percent}  ${facts}`;
}

export type ProgressLine = Readonly<{
  update: (label: string, done: number, total: number | null) => void;
  /** Leaves the line and goes on below it. */
  end: () => void;
}>;

/** On a terminal one line that is drawn over; elsewhere a new line per stage. */
export function createProgressLine(
  channel: Channel,
  nowMs: () => number,
  formatDone: (done: number) => string = formatBytes,
): ProgressLine {
  let samples: readonly (readonly [number, number])[] = [];
  let stage = '';
  return {
    update: (label, done, total) => {
      const shown = oneLine(label);
      if (shown !== stage) samples = [];
      if (!channel.isTerminal && shown !== stage) channel.line(shown);
      stage = shown;
      samples = [...samples, [nowMs(), done] as const].filter(
        ([atMs]) => nowMs() - atMs <= RATE_WINDOW_MS,
      );
      if (!channel.isTerminal) return;
      const progress = { label: shown, done, total, bytesPerSecond: rateOf(samples) };
      channel.write(`\r\u001b[K${renderProgress(progress, channel.columns, formatDone)}`);
    },
    end: () => {
      if (channel.isTerminal && stage !== '') channel.write('\r\u001b[K');
      stage = '';
    },
  };
}

function rateOf(samples: readonly (readonly [number, number])[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last[0] === first[0]) return null;
  return Math.max(0, ((last[1] - first[1]) / (last[0] - first[0])) * 1000);
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('  ');
}
