/** The people of the tenant: who they are, what they may do, and how another one joins. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Member, type Role, cloud } from '../cloud.ts';
import { ROLE_LABELS } from '../keys/queries.ts';
import { ConfirmDialog, useConfirmedRemoval } from '../shell/confirm.tsx';
import { Failure } from '../shell/failure.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { PlusIcon, TrashIcon } from '../ui/icons.tsx';
import { Tag } from '../ui/pill.tsx';
import { Select } from '../ui/select.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { InviteMember } from './invite-member.tsx';
import { membersQuery } from './queries.ts';

export function Members() {
  const { t } = useTranslation();
  const [isInviting, setIsInviting] = useState(false);
  const { data, error, refetch } = useQuery(membersQuery);
  const mayInvite = maySee(useMe().role, 'inviting');
  if (data === undefined && error !== null) {
    return <Failure error={error} onRetry={() => void refetch()} />;
  }
  return (
    <Card
      isFlush
      className="overflow-hidden"
      title={t('settings.members')}
      description={t('settings.membersText')}
      actions={
        mayInvite && (
          <Button size="sm" onClick={() => setIsInviting(true)}>
            <PlusIcon />
            {t('settings.invite')}
          </Button>
        )
      }
    >
      {data === undefined ? (
        <SkeletonRows rows={3} />
      ) : (
        <MemberTable members={data.data} mayChange={mayInvite} />
      )}
      {isInviting && <InviteMember onClose={() => setIsInviting(false)} />}
    </Card>
  );
}

type MemberTableProps = Readonly<{ members: readonly Member[]; mayChange: boolean }>;

function MemberTable({ members, mayChange }: MemberTableProps) {
  const { t } = useTranslation();
  const [doomed, setDoomed] = useState<Member | null>(null);
  const removal = useConfirmedRemoval({
    remove: (id) => cloud.members.remove(id),
    queryKey: membersQuery.queryKey,
    done: t('settings.memberRemoved'),
    onClose: () => setDoomed(null),
  });
  return (
    <>
      <Table
        label={t('settings.members')}
        columns={[
          { key: 'name', label: t('settings.name') },
          { key: 'email', label: t('signIn.email') },
          { key: 'role', label: t('keys.role') },
          {
            key: 'remove',
            label: <span className="sr-only">{t('action.delete')}</span>,
            isNumber: true,
          },
        ]}
      >
        {members.map((member) => (
          <MemberRow
            key={member.id}
            member={member}
            mayChange={mayChange}
            onRemove={() => setDoomed(member)}
          />
        ))}
      </Table>
      <ConfirmDialog
        isOpen={doomed !== null}
        title={t('settings.removeTitle', { name: doomed?.name ?? '' })}
        text={t('settings.removeText')}
        confirmLabel={t('settings.remove')}
        isBusy={removal.isPending}
        onConfirm={() => doomed !== null && removal.mutate(doomed.id)}
        onClose={() => setDoomed(null)}
      />
    </>
  );
}

const ROLES: readonly Role[] = ['owner', 'admin', 'developer', 'finance', 'viewer'];

type MemberRowProps = Readonly<{ member: Member; mayChange: boolean; onRemove: () => void }>;

function MemberRow({ member, mayChange, onRemove }: MemberRowProps) {
  const { t } = useTranslation();
  const { member: me } = useMe();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (role: Role) => cloud.members.update(member.id, { role }),
    onSettled: () => queries.invalidateQueries({ queryKey: membersQuery.queryKey }),
  });
  const isSelf = member.id === me?.id || member.email === me?.email;
  return (
    <Row>
      <Cell className="min-w-32 font-medium">
        <span className="flex items-center gap-2">
          {member.name}
          {isSelf && <Tag>{t('settings.you')}</Tag>}
        </span>
      </Cell>
      <Cell className="text-muted">{member.email}</Cell>
      <Cell>
        {mayChange && !isSelf ? (
          <Select
            size="sm"
            label={t('settings.roleOf', { name: member.name })}
            value={member.role}
            onChange={(role) => change.mutate(role)}
            choices={ROLES.map((role) => ({ value: role, label: t(ROLE_LABELS[role]) }))}
          />
        ) : (
          t(ROLE_LABELS[member.role])
        )}
      </Cell>
      <Cell isNumber>
        {mayChange && !isSelf && (
          <IconButton
            size="sm"
            label={t('settings.removeTitle', { name: member.name })}
            onClick={onRemove}
          >
            <TrashIcon />
          </IconButton>
        )}
      </Cell>
    </Row>
  );
}
