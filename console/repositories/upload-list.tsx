/** The files of an upload, each with where it stands. */
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/format.ts';
import { describeFailure } from '../shell/failure.tsx';
import { IconButton } from '../ui/button.tsx';
import { AlertIcon, CheckIcon, CloseIcon, FileIcon } from '../ui/icons.tsx';
import { ProgressBar } from '../ui/progress.tsx';
import { type UploadItem, isDone } from './upload-plan.ts';
import type { Upload } from './use-upload.ts';

/** A folder of thousands is shown by its first files; the bar below counts all. */
const SHOWN_MAX = 100;

const WORDS = {
  waiting: 'upload.waiting',
  hashing: 'upload.hashing',
  sending: 'upload.sending',
  sent: 'upload.sent',
  same: 'upload.same',
  failed: 'upload.fileFailed',
} as const;

export function UploadList({ upload }: Readonly<{ upload: Upload }>) {
  const { t } = useTranslation();
  const { items, isRunning, remove } = upload;
  // What moves or went wrong is what one looks for.
  const shown = items.toSorted((left, right) => rank(left) - rank(right)).slice(0, SHOWN_MAX);
  return (
    <>
      <ul
        aria-label={t('model.files')}
        className="max-h-80 divide-y overflow-y-auto rounded-lg border"
      >
        {shown.map((item) => (
          <UploadRow
            key={item.path}
            item={item}
            onRemove={isRunning ? null : () => remove(item.path)}
          />
        ))}
      </ul>
      {items.length > SHOWN_MAX && (
        <p className="text-xs text-muted">
          {t('upload.more', { count: items.length - SHOWN_MAX })}
        </p>
      )}
    </>
  );
}

function rank({ state }: UploadItem): number {
  if (state === 'failed') return 0;
  if (state === 'hashing' || state === 'sending') return 1;
  return state === 'waiting' ? 2 : 3;
}

type UploadRowProps = Readonly<{ item: UploadItem; onRemove: (() => void) | null }>;

function UploadRow({ item, onRemove }: UploadRowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { path, file, state, doneBytes } = item;
  const isMoving = state === 'hashing' || state === 'sending';
  return (
    <li className="flex min-h-11 items-center gap-3 px-3.5 py-2 text-sm">
      <StateIcon item={item} />
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline justify-between gap-3">
          <span className="min-w-0 truncate">{path}</span>
          <span className="text-xs whitespace-nowrap text-muted tabular">
            {t(WORDS[state])} · {format.bytes(file.size)}
          </span>
        </div>
        {isMoving && (
          <div className="mt-1.5">
            <ProgressBar label={path} value={file.size === 0 ? 1 : doneBytes / file.size} />
          </div>
        )}
        {state === 'failed' && <p className="text-xs text-bad">{describeFailure(item.error)}</p>}
      </div>
      {onRemove !== null && (
        <IconButton size="sm" label={t('upload.remove', { path })} onClick={onRemove}>
          <CloseIcon />
        </IconButton>
      )}
    </li>
  );
}

function StateIcon({ item }: Readonly<{ item: UploadItem }>) {
  if (isDone(item)) return <CheckIcon className="text-good" />;
  if (item.state === 'failed') return <AlertIcon className="text-bad" />;
  return <FileIcon className="text-faint" />;
}
