/** A price file becomes a draft, or every faulty line of it is named. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Field, TextField } from '../ui/field.tsx';
import { Banner } from '../ui/notice.tsx';

export type PriceImportDialogProps = Readonly<{
  onClose: () => void;
  onImported: (draftId: string) => void;
}>;

export function PriceImportDialog({ onClose, onImported }: PriceImportDialogProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const fileId = useId();
  const [file, setFile] = useState<File | null>(null);
  const [title, setTitle] = useState('');
  const read = useMutation({
    mutationFn: async (chosen: File) => {
      const format = chosen.name.toLowerCase().endsWith('.json') ? 'json' : 'csv';
      return cloud.priceBook.import({ title: title.trim(), format, text: await chosen.text() });
    },
    meta: { isSilent: true },
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ['price-drafts'] });
      onImported(id);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (file !== null) read.mutate(file);
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('prices.import')}
      description={t('prices.importText')}
      closeLabel={t('action.close')}
    >
      <form onSubmit={submit} className="space-y-4">
        <Field id={fileId} label={t('prices.file')} hint={t('prices.fileHint')}>
          <input
            id={fileId}
            type="file"
            required
            accept=".csv,.json"
            aria-describedby={`${fileId}-hint`}
            className="text-sm file:mr-3 file:rounded-md file:border file:border-line-strong file:bg-surface file:px-3 file:py-1.5 file:text-sm"
            onChange={(event) => {
              const chosen = event.target.files?.[0] ?? null;
              setFile(chosen);
              if (title === '' && chosen !== null) setTitle(chosen.name);
            }}
          />
        </Field>
        <TextField
          label={t('prices.title')}
          required
          maxLength={200}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
        {read.error !== null && <Faults text={describeFailure(read.error)} />}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={read.isPending}>
            {t('prices.import')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** What is wrong, and below it a line for each line of the file. */
function Faults({ text }: Readonly<{ text: string }>) {
  const [fault, ...lines] = text.split('\n');
  return (
    <Banner tone="bad" title={fault}>
      <ul className="space-y-1">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Banner>
  );
}
