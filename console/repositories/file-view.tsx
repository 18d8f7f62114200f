/** One file: what it is, what is in it as far as a page can show it, and what may be done with it. */
import { lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type TreeEntry, resolvePath } from '#client/hub-repositories.ts';
import { CLOUD_URL } from '../cloud.ts';
import { canView } from '../datasets/formats.ts';
import { useFormat } from '../format/format.ts';
import type { RepositorySearch } from '../search.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { DownloadIcon, PencilIcon } from '../ui/icons.tsx';
import { Banner } from '../ui/notice.tsx';
import { endingOf, fileName, folderOf, shortCommit } from './address.ts';
import { FileChanges } from './file-changes.tsx';
import { FileEditor } from './file-editor.tsx';
import { FileMarks } from './file-marks.tsx';
import type { FilePlace } from './files-tab.tsx';
import { PICTURE_TYPES, RepositoryPicture } from './markdown-place.tsx';
import { TEXT_BYTES_MAX, TextView, isText } from './text-view.tsx';
import { WeightsView } from './weights-view.tsx';

const DataView = lazy(async () => ({
  default: (await import('../datasets/data-view.tsx')).DataView,
}));

export type FileViewProps = FilePlace &
  Readonly<{
    entry: TreeEntry;
    isWritable: boolean;
    repository: Readonly<{ mayReadFiles: boolean }>;
    onSearch: (search: RepositorySearch) => void;
  }>;

export function FileView(props: FileViewProps) {
  const { at, revision, path, entry, isWritable, repository } = props;
  const [isEditing, setIsEditing] = useState(false);
  if (isEditing) {
    const file = { path, sizeBytes: entry.size };
    const onClose = (): void => setIsEditing(false);
    return (
      <FileEditor
        at={at}
        revision={revision}
        folder={folderOf(path)}
        file={file}
        onClose={onClose}
      />
    );
  }
  return (
    <div className="overflow-hidden rounded-xl border bg-surface">
      <FileHead
        {...props}
        onEdit={
          isWritable && isText(path) && entry.size <= TEXT_BYTES_MAX
            ? () => setIsEditing(true)
            : null
        }
      />
      <Findings entry={entry} />
      <div className="min-w-0 border-t">{repository.mayReadFiles && <Preview {...props} />}</div>
    </div>
  );
}

function FileHead(props: FileViewProps & Readonly<{ onEdit: (() => void) | null }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { at, revision, path, entry, onEdit } = props;
  const { lastCommit } = entry;
  const address = resolvePath(at, revision, path);
  return (
    <div className="px-4 py-3.5 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h2 className="text-base font-semibold break-all">{fileName(path)}</h2>
        <span className="text-xs text-muted tabular">{format.bytes(entry.size)}</span>
        <FileMarks entry={entry} />
        <div className="ml-auto flex flex-wrap gap-1.5">
          <a href={address} download className={buttonClass('secondary', 'sm')}>
            <DownloadIcon />
            {t('files.download')}
          </a>
          {onEdit !== null && (
            <Button size="sm" onClick={onEdit}>
              <PencilIcon />
              {t('files.edit')}
            </Button>
          )}
          {props.isWritable && <FileChanges {...props} />}
        </div>
      </div>
      <dl className="mt-2 flex flex-wrap items-center gap-x-5 gap-y-1 text-xs text-muted">
        {lastCommit !== undefined && (
          <div className="flex min-w-0 gap-1.5">
            <dt className="sr-only">{t('files.lastCommit')}</dt>
            <dd className="truncate">
              {lastCommit.title} · {format.ago(lastCommit.date)} ·{' '}
              <span className="font-mono">{shortCommit(lastCommit.id)}</span>
            </dd>
          </div>
        )}
        <Copied label={t('files.address')} shown={t('files.address')} text={CLOUD_URL + address} />
        {(entry.lfs ?? null) !== null && (
          <Copied
            label="SHA-256"
            shown={`SHA-256 ${entry.lfs?.oid.slice(0, 12)}…`}
            text={entry.lfs?.oid ?? ''}
          />
        )}
      </dl>
    </div>
  );
}

function Copied({ label, shown, text }: Readonly<{ label: string; shown: string; text: string }>) {
  const { t } = useTranslation();
  return (
    <div className="flex items-center">
      <dt className="sr-only">{label}</dt>
      <dd className="font-mono">{shown}</dd>
      <CopyButton
        text={text}
        label={t('files.copy', { what: label })}
        doneLabel={t('action.copied')}
      />
    </div>
  );
}

/** What a look into a file says that is loaded by running it. */
function Findings({ entry }: Readonly<{ entry: TreeEntry }>) {
  const { t } = useTranslation();
  const scan = entry.securityFileStatus?.pickleImportScan ?? null;
  const status = entry.securityFileStatus?.status ?? 'safe';
  if (scan === null) return null;
  const found = scan.pickleImports.filter(({ safety }) => safety !== 'innocuous');
  if (status === 'safe' || (found.length === 0 && scan.message === null)) return null;
  return (
    <div className="px-4 pb-4 sm:px-5">
      <Banner tone={status === 'unsafe' ? 'bad' : 'warn'} title={t('files.runs')}>
        {scan.message !== null && <p>{scan.message}</p>}
        <ul className="font-mono text-xs">
          {found.slice(0, FINDINGS_SHOWN).map(({ module, name }) => (
            <li key={`${module}.${name}`}>{`${module}.${name}`}</li>
          ))}
        </ul>
      </Banner>
    </div>
  );
}

const FINDINGS_SHOWN = 20;
/** A browser decodes a picture whole, in memory. */
const PICTURE_BYTES_MAX = 16 * 1024 * 1024;

function Preview(props: FileViewProps) {
  const { t } = useTranslation();
  const { at, revision, path, entry } = props;
  const ending = endingOf(path);
  if (ending === 'gguf' || ending === 'safetensors') return <WeightsView {...props} />;
  if (canView(path) && entry.size > 0) {
    return <DataView at={at} revision={revision} path={path} sizeBytes={entry.size} />;
  }
  if (PICTURE_TYPES[ending] !== undefined && entry.size <= PICTURE_BYTES_MAX) {
    return (
      <div className="grid place-items-center bg-inset p-6">
        <RepositoryPicture at={at} revision={revision} path={path} alt={fileName(path)} />
      </div>
    );
  }
  if (entry.size === 0) return <p className="px-5 py-6 text-sm text-muted">{t('files.isEmpty')}</p>;
  return <TextView {...props} />;
}
