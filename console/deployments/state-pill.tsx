/** The state of a deployment, or of one replica. */
import { useTranslation } from 'react-i18next';
import type { Replica } from '../cloud.ts';
import { Pill } from '../ui/pill.tsx';
import { REPLICA_LABELS, STATE_LABELS, STATE_TONES } from './queries.ts';

type StatePillProps = Readonly<{ state: Replica['state']; isReplica?: boolean }>;

export function StatePill({ state, isReplica }: StatePillProps) {
  const { t } = useTranslation();
  return (
    <Pill tone={STATE_TONES[state]} isLive={state === 'loading' || state === 'draining'}>
      {t(isReplica === true ? REPLICA_LABELS[state] : STATE_LABELS[state])}
    </Pill>
  );
}
