/** Which other tenants have a role in a repository. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure, describeFailure } from '../shell/failure.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { TextField } from '../ui/field.tsx';
import { TrashIcon } from '../ui/icons.tsx';
import { Initial } from '../ui/initial.tsx';
import { Tag } from '../ui/pill.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Loading } from '../ui/skeleton.tsx';
import { notify } from '../ui/toast.tsx';
import type { RepositoryAddress } from './address.ts';
import { grantsQuery } from './queries.ts';
import type { SectionProps } from './repository-tabs.tsx';

const ROLES = [
  { value: 'read', label: 'grants.read' },
  { value: 'write', label: 'grants.write' },
  { value: 'admin', label: 'grants.admin' },
] as const;
type Role = (typeof ROLES)[number]['value'];
const ROLE_LABELS = { read: 'grants.read', write: 'grants.write', admin: 'grants.admin' } as const;

export function SettingsGrants({ at }: SectionProps) {
  const { t } = useTranslation();
  return (
    <Card title={t('grants.title')} description={t('grants.text')}>
      <GrantList at={at} />
      <GiveRole at={at} />
    </Card>
  );
}

type Props = Readonly<{ at: RepositoryAddress }>;

function GrantList({ at }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(grantsQuery(at));
  const remove = useMutation({
    mutationFn: (owner: string) => cloud.hub.removeGrant(at, owner),
    onSuccess: async (_, owner) => {
      notify(t('grants.removed', { owner }));
      await queries.invalidateQueries({ queryKey: grantsQuery(at).queryKey });
    },
  });
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading className="h-16 rounded-lg" />;
  if (data.data.length === 0) return <p className="text-sm text-muted">{t('grants.empty')}</p>;
  return (
    <ul className="divide-y rounded-lg border">
      {data.data.map(({ owner, role, createdAt }) => (
        <li key={owner} className="flex flex-wrap items-center gap-3 px-3.5 py-2.5 text-sm">
          <Initial name={owner} className="size-7 rounded-md text-xs" />
          <span className="min-w-0 flex-1 basis-40">
            <span className="font-medium break-words">{owner}</span>
            <time dateTime={createdAt} className="block text-xs text-muted">
              {format.ago(createdAt)}
            </time>
          </span>
          <Tag>{t(ROLE_LABELS[role])}</Tag>
          <IconButton
            label={t('grants.remove', { owner })}
            disabled={remove.isPending}
            onClick={() => remove.mutate(owner)}
          >
            <TrashIcon />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

function GiveRole({ at }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [owner, setOwner] = useState('');
  const [role, setRole] = useState<Role>('read');
  const give = useMutation({
    mutationFn: () => cloud.hub.setGrant(at, owner.trim(), role),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('grants.given', { owner: owner.trim() }));
      setOwner('');
      await queries.invalidateQueries({ queryKey: grantsQuery(at).queryKey });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    give.mutate();
  };
  return (
    <form onSubmit={onSubmit} className="mt-4 flex flex-wrap items-end gap-3">
      <div className="min-w-48 flex-1">
        <TextField
          label={t('grants.owner')}
          required
          maxLength={96}
          value={owner}
          error={give.error === null ? null : describeFailure(give.error)}
          onChange={(event) => setOwner(event.target.value)}
        />
      </div>
      <Segmented<Role>
        label={t('grants.role')}
        value={role}
        onChange={setRole}
        choices={ROLES.map(({ value, label }) => ({ value, label: t(label) }))}
      />
      <Button type="submit" isBusy={give.isPending}>
        {t('grants.add')}
      </Button>
    </form>
  );
}
