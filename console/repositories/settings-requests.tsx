/** Who asked for the files of a gated repository, and what is said to them. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AccessRequest } from '#client/hub-repositories.ts';
import { cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure, describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { TextField } from '../ui/field.tsx';
import { Initial } from '../ui/initial.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Loading } from '../ui/skeleton.tsx';
import { notify } from '../ui/toast.tsx';
import type { RepositoryAddress } from './address.ts';
import { accessRequestsQuery, refresh } from './queries.ts';
import type { SectionProps } from './repository-tabs.tsx';

type State = AccessRequest['status'];

const STATES = [
  { value: 'pending', label: 'gate.waiting' },
  { value: 'accepted', label: 'gate.accepted' },
  { value: 'rejected', label: 'gate.refused' },
] as const;

export function SettingsRequests({ at }: SectionProps) {
  const { t } = useTranslation();
  const [state, setState] = useState<State>('pending');
  return (
    <Card
      title={t('gate.requests')}
      actions={
        <Segmented<State>
          label={t('gate.requests')}
          value={state}
          onChange={setState}
          choices={STATES.map(({ value, label }) => ({ value, label: t(label) }))}
        />
      }
    >
      <Requests at={at} state={state} />
      <Grant at={at} />
    </Card>
  );
}

type RequestsProps = Readonly<{ at: RepositoryAddress; state: State }>;

function Requests({ at, state }: RequestsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, refetch } = useQuery(accessRequestsQuery(at, state));
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading className="h-16 rounded-lg" />;
  if (data.length === 0) return <p className="text-sm text-muted">{t('gate.nobody')}</p>;
  return (
    <ul className="divide-y rounded-lg border">
      {data.map(({ requestId, user, timestamp }) => (
        <li key={requestId} className="flex flex-wrap items-center gap-3 px-3.5 py-2.5 text-sm">
          <Initial name={user.user} className="size-7 rounded-md text-xs" />
          <span className="min-w-0 flex-1 basis-40">
            <span className="font-medium break-words">{user.user}</span>
            <time dateTime={timestamp} className="block text-xs text-muted">
              {format.ago(timestamp)}
            </time>
          </span>
          <Decide at={at} asker={requestId} state={state} />
        </li>
      ))}
    </ul>
  );
}

function Decide({ at, asker, state }: RequestsProps & Readonly<{ asker: string }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const decide = useMutation({
    mutationFn: (status: State) => cloud.hub.decideAccess(at, { user: asker, status }),
    onSettled: () => refresh(queries, at),
  });
  return (
    <span className="flex gap-2">
      {state !== 'accepted' && (
        <Button size="sm" disabled={decide.isPending} onClick={() => decide.mutate('accepted')}>
          {t('gate.accept')}
        </Button>
      )}
      {state !== 'rejected' && (
        <Button
          size="sm"
          variant="danger"
          disabled={decide.isPending}
          onClick={() => decide.mutate('rejected')}
        >
          {t('gate.reject')}
        </Button>
      )}
    </span>
  );
}

function Grant({ at }: Readonly<{ at: RepositoryAddress }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const grant = useMutation({
    mutationFn: () => cloud.hub.grantAccess(at, name.trim()),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('gate.letIn', { name: name.trim() }));
      setName('');
      await refresh(queries, at);
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    grant.mutate();
  };
  return (
    <form onSubmit={onSubmit} className="mt-4 flex flex-wrap items-start gap-2">
      <TextField
        label={t('gate.grant')}
        hint={t('gate.grantHint')}
        error={grant.error === null ? null : describeFailure(grant.error)}
        required
        value={name}
        className="flex-1 basis-56"
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" isBusy={grant.isPending} className="mt-6.5">
        {t('gate.grantButton')}
      </Button>
    </form>
  );
}
