/** Adds a person. Their first password is shown once, to be handed over. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Role, cloud } from '../cloud.ts';
import { ROLE_LABELS } from '../keys/queries.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Field, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Select } from '../ui/select.tsx';
import { FirstPassword } from './first-password.tsx';
import { membersQuery } from './queries.ts';

const ROLES: readonly Role[] = ['developer', 'viewer', 'finance', 'admin'];

export function InviteMember({ onClose }: Readonly<{ onClose: () => void }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const invite = useMutation({
    mutationFn: (person: { name: string; email: string; role: Role }) =>
      cloud.members.create(person),
    meta: { isSilent: true },
    onSuccess: () => queries.invalidateQueries({ queryKey: membersQuery.queryKey }),
  });
  return (
    <Dialog isOpen onClose={onClose} title={t('settings.invite')} closeLabel={t('action.close')}>
      {invite.data === undefined ? (
        <InviteForm
          isBusy={invite.isPending}
          error={invite.error}
          onSubmit={(person) => invite.mutate(person)}
          onCancel={onClose}
        />
      ) : (
        <FirstPassword password={invite.data.password} onClose={onClose} />
      )}
    </Dialog>
  );
}

type InviteFormProps = Readonly<{
  isBusy: boolean;
  error: Error | null;
  onSubmit: (person: { name: string; email: string; role: Role }) => void;
  onCancel: () => void;
}>;

function InviteForm({ isBusy, error, onSubmit, onCancel }: InviteFormProps) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('developer');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit({ name: name.trim(), email: email.trim(), role });
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <TextField
        label={t('settings.name')}
        required
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={t('signIn.email')}
        type="email"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <Field id="invite-role" label={t('keys.role')}>
        <Select
          id="invite-role"
          label={t('keys.role')}
          value={role}
          onChange={setRole}
          choices={ROLES.map((value) => ({ value, label: t(ROLE_LABELS[value]) }))}
        />
      </Field>
      {error !== null && <Banner tone="bad">{describeFailure(error)}</Banner>}
      <DialogActions>
        <Button onClick={onCancel}>{t('action.cancel')}</Button>
        <Button type="submit" variant="primary" isBusy={isBusy}>
          {t('settings.invite')}
        </Button>
      </DialogActions>
    </form>
  );
}
