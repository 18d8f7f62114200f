/** What a folder holds: its folders first, each entry with the commit that touched it last. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type DragEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TreeEntry } from '#client/hub-repositories.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { classNames } from '../ui/class-names.ts';
import { FileIcon, FolderIcon, UploadIcon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Empty } from '../ui/notice.tsx';
import { Loading } from '../ui/skeleton.tsx';
import { PAGES, fileName, folderOf, paramsOf } from './address.ts';
import type { FilePlace } from './files-tab.tsx';
import { FileMarks } from './file-marks.tsx';
import { searchOf } from './markdown-place.tsx';
import { treeQuery } from './queries.ts';

export type FileListProps = FilePlace & Readonly<{ onDrop: (() => void) | null }>;

export function FileList({ at, revision, path, onDrop }: FileListProps) {
  const { t } = useTranslation();
  const tree = useInfiniteQuery(treeQuery(at, { revision, path }));
  const { data, error, refetch } = tree;
  const drag = useDrag(onDrop);
  if (data === undefined) {
    return error === null ? (
      <Loading className="h-64 rounded-xl" />
    ) : (
      <Failure error={error} onRetry={() => void refetch()} />
    );
  }
  const entries = data.toSorted(
    (left, right) => Number(right.type === 'directory') - Number(left.type === 'directory'),
  );
  return (
    <div {...drag.handlers}>
      <div
        className={classNames(
          'overflow-hidden rounded-xl border bg-surface',
          drag.isOver && 'border-accent-line bg-accent-soft',
        )}
      >
        <ul aria-label={t('model.files')} className="divide-y">
          {path !== '' && <Parent at={at} revision={revision} path={path} />}
          {entries.map((entry) => (
            <Entry key={entry.path} at={at} revision={revision} path={path} entry={entry} />
          ))}
        </ul>
        {entries.length === 0 && (
          <Empty icon={onDrop === null ? FileIcon : UploadIcon} title={t('model.noFiles')}>
            {onDrop === null ? undefined : t('files.dropHere')}
          </Empty>
        )}
      </div>
      <LoadMore query={tree} label={t('action.more')} />
    </div>
  );
}

/** Files held over the list open the place that takes them. */
function useDrag(onDrop: (() => void) | null) {
  const [isOver, setIsOver] = useState(false);
  if (onDrop === null) return { isOver: false, handlers: {} };
  const handlers = {
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes('Files')) return;
      event.preventDefault();
      setIsOver(true);
      onDrop();
    },
    onDragLeave: () => setIsOver(false),
  };
  return { isOver, handlers };
}

const ROW =
  'grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 px-4 sm:px-5 lg:grid-cols-[minmax(0,1.1fr)_minmax(0,1fr)_5.5rem_7rem]';

function Parent({ at, revision, path }: FilePlace) {
  const { t } = useTranslation();
  return (
    <li className="relative hover:bg-inset">
      <Link
        to={PAGES[at.kind]}
        params={paramsOf(at.name)}
        search={searchOf(revision, folderOf(path))}
        aria-label={t('files.up')}
        className="flex h-10 items-center gap-3 px-4 text-sm text-muted sm:px-5"
      >
        <FolderIcon className="text-faint" />
        ..
      </Link>
    </li>
  );
}

function Entry({ at, revision, entry }: FilePlace & Readonly<{ entry: TreeEntry }>) {
  const format = useFormat();
  const isFolder = entry.type === 'directory';
  const EntryIcon = isFolder ? FolderIcon : FileIcon;
  const { lastCommit } = entry;
  return (
    <li className={classNames(ROW, 'relative min-h-11 py-2 text-sm hover:bg-inset')}>
      <span className="flex min-w-0 items-center gap-3">
        <EntryIcon className={isFolder ? 'text-accent' : 'text-faint'} />
        <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
          <Link
            to={PAGES[at.kind]}
            params={paramsOf(at.name)}
            search={searchOf(revision, entry.path)}
            className="min-w-0 font-medium break-all after:absolute after:inset-0 hover:underline"
          >
            {fileName(entry.path)}
          </Link>
          <FileMarks entry={entry} />
        </span>
      </span>
      <span className="hidden min-w-0 truncate text-xs text-muted lg:block">
        {lastCommit?.title}
      </span>
      <span className="text-right text-xs whitespace-nowrap text-muted tabular">
        {isFolder ? '' : format.bytes(entry.size)}
      </span>
      <span className="hidden text-right text-xs whitespace-nowrap text-muted lg:block">
        {lastCommit !== undefined && (
          <time dateTime={lastCommit.date} title={format.time(lastCommit.date)}>
            {format.ago(lastCommit.date)}
          </time>
        )}
      </span>
    </li>
  );
}
