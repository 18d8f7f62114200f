/** The state of a deployment or a replica. */
import { useTranslation } from 'react-i18next';
import type { Replica } from '../cloud.ts';
import { Pill } from '../ui/pill.tsx';
import { STATE_LABELS, STATE_TONES } from './queries.ts';

export function StatePill({ state }: Readonly<{ state: Replica['state'] }>) {
  const { t } = useTranslation();
  return (
    <Pill tone={STATE_TONES[state]} isLive={state === 'loading' || state === 'draining'}>
      {t(STATE_LABELS[state])}
    </Pill>
  );
}
