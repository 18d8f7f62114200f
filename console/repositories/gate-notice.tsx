/** Files behind a gate: how to be let in, and how one stands. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type RepositoryDetail, cloud } from '../cloud.ts';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Banner } from '../ui/notice.tsx';
import { notify } from '../ui/toast.tsx';
import type { RepositoryAddress } from './address.ts';
import { refresh } from './queries.ts';

export type GateNoticeProps = Readonly<{ repository: RepositoryDetail; at: RepositoryAddress }>;

export function GateNotice({ repository, at }: GateNoticeProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const isBuilder = maySee(useMe().role, 'building');
  const ask = useMutation({
    mutationFn: () => cloud.hub.askAccess(at),
    onSuccess: async () => {
      notify(t('gate.asked'));
      await refresh(queries, at);
    },
  });
  if (repository.mayReadFiles) return null;
  const { accessRequest } = repository;
  return (
    <div className="mb-5">
      <Banner
        tone={accessRequest === 'rejected' ? 'bad' : 'info'}
        title={t('gate.title')}
        action={
          accessRequest === null &&
          isBuilder && (
            <Button size="sm" isBusy={ask.isPending} onClick={() => ask.mutate()}>
              {t('gate.ask')}
            </Button>
          )
        }
      >
        {t(TEXTS[accessRequest ?? 'none'])}
      </Banner>
    </div>
  );
}

const TEXTS = {
  none: 'gate.text',
  pending: 'gate.pending',
  accepted: 'gate.text',
  rejected: 'gate.rejected',
} as const;
