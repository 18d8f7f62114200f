/** The waterfall of one request as a bar, with its numbers for who cannot see it. */
import { useTranslation } from 'react-i18next';
import type { UsageEvent } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { type Phase, waterfall } from './waterfall.ts';

const COLORS: Readonly<Record<Phase, string>> = {
  queue: 'var(--series-4)',
  first: 'var(--series-1)',
  rest: 'var(--series-2)',
  silence: 'var(--line-strong)',
};

const LABELS = {
  queue: 'requests.queue',
  first: 'event.firstByte',
  rest: 'requests.rest',
  silence: 'requests.silence',
} as const;

export function TimingBar({ event }: Readonly<{ event: UsageEvent }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const spans = waterfall(event);
  const words = spans.map(
    ({ phase, durationMs }) => `${t(LABELS[phase])} ${format.duration(durationMs)}`,
  );
  return (
    <div className="w-full min-w-24">
      <span className="sr-only">{words.join(', ')}</span>
      <div aria-hidden="true" className="flex h-2 gap-px">
        {spans.map(({ phase, share }) => (
          <span
            key={phase}
            className="h-full rounded-xs"
            style={{ width: `${share * 100}%`, background: COLORS[phase] }}
          />
        ))}
      </div>
    </div>
  );
}

export function TimingLegend({ event }: Readonly<{ event: UsageEvent }>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <ul className="space-y-1.5 text-sm">
      {waterfall(event).map(({ phase, startMs, durationMs }) => (
        <li key={phase} className="flex items-center justify-between gap-3">
          <span className="flex items-center gap-2 text-muted">
            <span
              aria-hidden="true"
              className="size-2 rounded-xs"
              style={{ background: COLORS[phase] }}
            />
            {t(LABELS[phase])}
          </span>
          <span className="tabular">
            {format.duration(durationMs)}
            <span className="ml-2 text-xs text-faint">
              {t('requests.after', { time: format.duration(startMs) })}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}
