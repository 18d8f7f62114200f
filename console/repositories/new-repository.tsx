/** A new model, dataset or space: whose it is, what it is called, who sees it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type RepositoryDetail, type RepositoryKind, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { PlusIcon } from '../ui/icons.tsx';
import { Banner } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Select } from '../ui/select.tsx';
import { PAGES, paramsOf } from './address.ts';
import { namespacesQuery, refresh } from './queries.ts';
import { VisibilityField } from './settings-access.tsx';
import { KIND_ONE } from './words.ts';

export type NewRepositoryButtonProps = Readonly<{
  kind?: RepositoryKind;
  variant?: 'primary' | 'secondary';
}>;

/** Nothing for those who may not make one. */
export function NewRepositoryButton({ kind, variant }: NewRepositoryButtonProps) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  if (!maySee(useMe().role, 'building')) return null;
  return (
    <>
      <Button variant={variant ?? 'secondary'} onClick={() => setIsOpen(true)}>
        <PlusIcon />
        {t('repository.new')}
      </Button>
      {isOpen && <NewRepository kind={kind ?? 'model'} onClose={() => setIsOpen(false)} />}
    </>
  );
}

const KINDS = ['model', 'dataset', 'space'] as const;
const NAME_PATTERN = '[A-Za-z0-9][A-Za-z0-9_.\\-]{0,95}';

type NewRepositoryProps = Readonly<{ kind: RepositoryKind; onClose: () => void }>;

export function NewRepository({ kind, onClose }: NewRepositoryProps) {
  const { t } = useTranslation();
  const { data: namespaces } = useQuery(namespacesQuery);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('repository.new')}
      description={t('repository.newText')}
      closeLabel={t('action.close')}
    >
      {namespaces !== undefined && (
        <NewForm kind={kind} namespaces={namespaces} onClose={onClose} />
      )}
    </Dialog>
  );
}

type NewFormProps = NewRepositoryProps & Readonly<{ namespaces: readonly string[] }>;

function NewForm({ kind: first, namespaces, onClose }: NewFormProps) {
  const { t } = useTranslation();
  const [kind, setKind] = useState(first);
  const [owner, setOwner] = useState(namespaces[0] ?? '');
  const [name, setName] = useState('');
  const [license, setLicense] = useState('');
  const [visibility, setVisibility] = useState<RepositoryDetail['visibility']>('private');
  const make = useMake(onClose);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate({ kind, name: `${owner}/${name.trim()}`, visibility, license: license.trim() });
  };
  return (
    <form onSubmit={onSubmit} className="space-y-5">
      <Segmented<RepositoryKind>
        label={t('repository.kind')}
        value={kind}
        onChange={setKind}
        choices={KINDS.map((value) => ({ value, label: t(KIND_ONE[value]) }))}
      />
      <div className="grid gap-4 sm:grid-cols-[11rem_minmax(0,1fr)]">
        <div className="flex flex-col gap-1.5">
          <span className="text-sm font-medium">{t('repository.owner')}</span>
          <Select
            label={t('repository.owner')}
            value={owner}
            choices={namespaces.map((value) => ({ value, label: value }))}
            onChange={setOwner}
          />
        </div>
        <TextField
          label={t('repository.name')}
          required
          pattern={NAME_PATTERN}
          title={t('repository.nameHint')}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </div>
      <VisibilityField visibility={visibility} onChange={setVisibility} />
      <TextField
        label={t('import.license')}
        placeholder="apache-2.0"
        value={license}
        onChange={(event) => setLicense(event.target.value)}
      />
      {make.error !== null && <Banner tone="bad">{describeFailure(make.error)}</Banner>}
      <DialogActions>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        <Button type="submit" variant="primary" isBusy={make.isPending}>
          {t('repository.make')}
        </Button>
      </DialogActions>
    </form>
  );
}

type Made = Readonly<{ kind: RepositoryKind; name: string; visibility: string; license: string }>;

function useMake(onClose: () => void) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async ({ kind, name, visibility, license }: Made) => {
      await cloud.hub.make({ kind, name }, { visibility, ...(license === '' ? {} : { license }) });
    },
    meta: { isSilent: true },
    onSuccess: async (_, { kind, name }) => {
      onClose();
      await refresh(queries, { kind, name });
      await navigate({ to: PAGES[kind], params: paramsOf(name), search: { tab: 'files' } });
    },
  });
}
