/** Where a discussion or a pull request stands, in a word. */
import { useTranslation } from 'react-i18next';
import type { DiscussionDetail } from '../cloud.ts';
import { Pill, type Tone } from '../ui/pill.tsx';

type Status = DiscussionDetail['status'];

const TONES: Readonly<Record<Status, Tone>> = {
  open: 'good',
  draft: 'quiet',
  closed: 'quiet',
  merged: 'info',
};

const LABELS = {
  open: 'discussions.open',
  draft: 'discussions.draft',
  closed: 'discussions.closed',
  merged: 'discussions.merged',
} as const satisfies Readonly<Record<Status, string>>;

export function StatusPill({ status }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  return <Pill tone={TONES[status]}>{t(LABELS[status])}</Pill>;
}
