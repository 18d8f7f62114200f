/** How a call ended. */
import { useTranslation } from 'react-i18next';
import type { UsageEvent } from '../cloud.ts';
import { Pill } from '../ui/pill.tsx';

const LABELS = {
  finished: 'outcome.finished',
  cancelled: 'outcome.cancelled',
  failed: 'outcome.failed',
  abandoned: 'outcome.abandoned',
  refused: 'outcome.refused',
} as const;

const TONES = {
  finished: 'good',
  cancelled: 'quiet',
  failed: 'bad',
  abandoned: 'warn',
  refused: 'warn',
} as const;

export function OutcomePill({ event }: Readonly<{ event: UsageEvent }>) {
  const { t } = useTranslation();
  return <Pill tone={TONES[event.outcome]}>{t(LABELS[event.outcome])}</Pill>;
}
