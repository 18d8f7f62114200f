/** Brings a model into the hub from an address or from a path on the cloud's machine. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ImportCreate, cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { notify } from '../ui/toast.tsx';
import { importsQuery } from './queries.ts';

const NAME_PATTERN = '[A-Za-z0-9][A-Za-z0-9_.\\-]*/[A-Za-z0-9][A-Za-z0-9_.\\-]*';

type Draft = {
  source: string;
  name: string;
  license: string;
  sha256: string;
  visibility: 'public' | 'private';
};

const EMPTY: Draft = { source: '', name: '', license: '', sha256: '', visibility: 'private' };

export function ImportDialog({ onClose }: Readonly<{ onClose: () => void }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(EMPTY);
  const start = useMutation({
    mutationFn: () => cloud.imports.create(parseDraft(draft)),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('import.started'));
      onClose();
      await queries.invalidateQueries({ queryKey: importsQuery.queryKey });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('models.import')}
      description={t('import.text')}
      closeLabel={t('action.close')}
    >
      <form onSubmit={onSubmit} className="space-y-4">
        <ImportFields
          draft={draft}
          change={(part) => setDraft((now) => ({ ...now, ...part }))}
        />
        {start.error !== null && <Banner tone="bad">{describeFailure(start.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={start.isPending}>
            {t('import.start')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

type ImportFieldsProps = Readonly<{ draft: Draft; change: (part: Partial<Draft>) => void }>;

function ImportFields({ draft, change }: ImportFieldsProps) {
  const { t } = useTranslation();
  const suggestion = suggestName(draft.source);
  return (
    <>
      <TextField
        label={t('import.source')}
        hint={t('import.sourceHint')}
        required
        placeholder="https://…/model.gguf"
        value={draft.source}
        onChange={(event) => change({ source: event.target.value })}
      />
      <TextField
        label={t('import.name')}
        hint={t('import.nameHint')}
        required={suggestion === ''}
        pattern={NAME_PATTERN}
        placeholder={suggestion === '' ? 'owner/name' : suggestion}
        value={draft.name}
        onChange={(event) => change({ name: event.target.value })}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={t('import.license')}
          placeholder="apache-2.0"
          value={draft.license}
          onChange={(event) => change({ license: event.target.value })}
        />
        <TextField
          label={t('import.sha256')}
          pattern="[0-9A-Fa-f]{64}"
          value={draft.sha256}
          onChange={(event) => change({ sha256: event.target.value })}
        />
      </div>
      <div className="flex flex-col items-start gap-1.5">
        <span className="text-sm font-medium">{t('import.visibility')}</span>
        <Segmented
          label={t('import.visibility')}
          value={draft.visibility}
          onChange={(visibility) => change({ visibility })}
          choices={[
            { value: 'private', label: t('models.private') },
            { value: 'public', label: t('models.public') },
          ]}
        />
      </div>
    </>
  );
}

function parseDraft(draft: Draft): ImportCreate {
  const license = draft.license.trim();
  const sha256 = draft.sha256.trim().toLowerCase();
  return {
    source: draft.source.trim(),
    modelName: draft.name.trim() === '' ? suggestName(draft.source) : draft.name.trim(),
    visibility: draft.visibility,
    license: license === '' ? null : license,
    ...(sha256 === '' ? {} : { sha256 }),
  };
}

/** `https://hub/owner/name/resolve/main/file.gguf` names its model already. */
function suggestName(source: string): string {
  const match = /^https?:\/\/[^/]+\/(?:models\/)?([\w.-]+\/[\w.-]+)\/(?:resolve|blob|tree)\//.exec(
    source.trim(),
  );
  return match?.[1] ?? '';
}
