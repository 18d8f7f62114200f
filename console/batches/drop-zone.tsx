/** Where a JSONL file is dropped, or chosen; it is uploaded and becomes a batch. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cloud } from '../cloud.ts';
import { describeFailure } from '../shell/failure.tsx';
import { buttonClass } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { FileIcon } from '../ui/icons.tsx';
import { Banner } from '../ui/notice.tsx';
import { Spinner } from '../ui/spinner.tsx';
import { notify } from '../ui/toast.tsx';
import { endpointOf } from './first-url.ts';
import { keyOf } from './queries.ts';

/** Enough for the head of any line that names its url. */
const HEAD_BYTES = 64 * 1024;

export function DropZone() {
  const { t } = useTranslation();
  const [isOver, setIsOver] = useState(false);
  const start = useStart();
  const take = (files: FileList | null): void => {
    const [file] = files ?? [];
    if (file !== undefined) start.mutate(file);
  };
  return (
    <div className="mb-6 space-y-3">
      <div
        className={classNames(
          'relative flex flex-wrap items-center gap-x-4 gap-y-3 rounded-xl border border-dashed border-line-strong bg-surface px-5 py-4',
          isOver && 'border-accent-line bg-inset',
        )}
      >
        {/* It lies over the whole box: what is dropped on it is chosen, without a line of code. */}
        <input
          type="file"
          aria-label={t('batches.new')}
          accept=".jsonl,application/jsonl"
          className="peer absolute inset-0 cursor-pointer opacity-0"
          disabled={start.isPending}
          onDragEnter={() => setIsOver(true)}
          onDragLeave={() => setIsOver(false)}
          onDrop={() => setIsOver(false)}
          onChange={(event) => {
            take(event.target.files);
            event.target.value = '';
          }}
        />
        <span className="grid size-9 shrink-0 place-items-center rounded-lg border bg-inset text-muted">
          {start.isPending ? <Spinner /> : <FileIcon className="size-5" />}
        </span>
        <div className="min-w-0 flex-1 basis-56">
          <p className="text-base font-medium">
            {start.isPending ? t('batches.uploading') : t('batches.drop')}
          </p>
          <p className="text-sm text-muted">{t('batches.dropText')}</p>
        </div>
        <span
          aria-hidden="true"
          className={classNames(
            buttonClass('primary'),
            'outline-accent-line peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2',
          )}
        >
          {t('batches.choose')}
        </span>
      </div>
      {start.error !== null && <Banner tone="bad">{describeFailure(start.error)}</Banner>}
      {start.data === 'no-url' && <Banner tone="warn">{t('batches.noUrl')}</Banner>}
    </div>
  );
}

function useStart() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  return useMutation({
    meta: { isSilent: true },
    mutationFn: async (file: File): Promise<'started' | 'no-url'> => {
      const endpoint = endpointOf(await file.slice(0, HEAD_BYTES).text());
      if (endpoint === null) return 'no-url';
      const apiKey = await keyOf(queries);
      const upload = { content: file, name: file.name, purpose: 'batch' } as const;
      const { id } = await cloud.files.upload(upload, { apiKey });
      await cloud.batches.create(
        {
          input_file_id: id,
          endpoint,
          completion_window: '24h',
          metadata: { name: file.name.slice(0, 200) },
        },
        { apiKey },
      );
      notify(t('batches.started'));
      await queries.invalidateQueries({ queryKey: ['batches'] });
      return 'started';
    },
  });
}
