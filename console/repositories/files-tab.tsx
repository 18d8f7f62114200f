/** The files of a revision: its folders to walk through, or the one file that is open. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Failure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { FileIcon, PlusIcon, UploadIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Loading } from '../ui/skeleton.tsx';
import { MAIN, PAGES, type RepositoryAddress, paramsOf } from './address.ts';
import { mayWrite } from './card-tab.tsx';
import { FileEditor } from './file-editor.tsx';
import { FileList } from './file-list.tsx';
import { FileView } from './file-view.tsx';
import { GateNotice } from './gate-notice.tsx';
import { searchOf } from './markdown-place.tsx';
import { entryQuery, refsQuery } from './queries.ts';
import type { SectionProps } from './repository-tabs.tsx';
import { RevisionPicker } from './revision-picker.tsx';
import { UploadPanel } from './upload-panel.tsx';

export function FilesTab(props: SectionProps) {
  const { repository, at, search, onSearch } = props;
  const revision = search.at ?? MAIN;
  const path = search.path ?? '';
  const { data: refs } = useQuery(refsQuery(at));
  const branches = (refs?.branches ?? []).map(({ name }) => name);
  // Only a branch moves: what a tag or a commit names stays as it is.
  const isWritable = mayWrite(repository) && (revision === MAIN || branches.includes(revision));
  return (
    <div>
      <GateNotice repository={repository} at={at} />
      <div className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-2">
        <RevisionPicker
          refs={refs}
          revision={revision}
          onChange={(next) => onSearch(searchOf(next, path))}
        />
        <Breadcrumb at={at} revision={revision} path={path} />
      </div>
      <Place {...props} revision={revision} path={path} isWritable={isWritable} />
    </div>
  );
}

export type FilePlace = Readonly<{ at: RepositoryAddress; revision: string; path: string }>;

function Breadcrumb({ at, revision, path }: FilePlace) {
  const { t } = useTranslation();
  const parts = path === '' ? [] : path.split('/');
  const { name } = paramsOf(at.name);
  return (
    <nav aria-label={t('files.path')} className="min-w-0 text-sm break-all">
      <PathLink at={at} revision={revision} path="" label={name} />
      {parts.map((part, index) => {
        const place = parts.slice(0, index + 1).join('/');
        return (
          <span key={place}>
            <span className="px-1 text-faint">/</span>
            {index === parts.length - 1 ? (
              <span className="font-medium">{part}</span>
            ) : (
              <PathLink at={at} revision={revision} path={place} label={part} />
            )}
          </span>
        );
      })}
    </nav>
  );
}

export function PathLink({ at, revision, path, label }: FilePlace & Readonly<{ label: string }>) {
  return (
    <Link
      to={PAGES[at.kind]}
      params={paramsOf(at.name)}
      search={searchOf(revision, path)}
      className="text-muted hover:text-ink hover:underline"
    >
      {label}
    </Link>
  );
}

type PlaceProps = SectionProps & FilePlace & Readonly<{ isWritable: boolean }>;

/** A folder or a file: the hub knows which. */
function Place(props: PlaceProps) {
  const { at, revision, path } = props;
  const { data, error, refetch } = useQuery({
    ...entryQuery(at, { revision, path }),
    enabled: path !== '',
  });
  if (path === '') return <Folder {...props} />;
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading className="h-64 rounded-xl" />;
  if (data === null) return <Missing {...props} />;
  if (data.type === 'directory') return <Folder {...props} />;
  return <FileView {...props} key={`${revision}:${path}`} entry={data} />;
}

function Missing({ path }: PlaceProps) {
  const { t } = useTranslation();
  return (
    <div className="rounded-xl border bg-surface">
      <Empty icon={FileIcon} title={t('files.missing')}>
        {t('files.missingText', { path })}
      </Empty>
    </div>
  );
}

function Folder(props: PlaceProps) {
  const { t } = useTranslation();
  const { at, revision, path, isWritable, repository } = props;
  const [doing, setDoing] = useState<'nothing' | 'upload' | 'write'>('nothing');
  const done = (): void => setDoing('nothing');
  const isEmpty = repository.fileCount === 0;
  return (
    <div className="space-y-4">
      {isWritable && doing === 'nothing' && (
        <div className="flex flex-wrap gap-2">
          <Button variant={isEmpty ? 'primary' : 'secondary'} onClick={() => setDoing('upload')}>
            <UploadIcon />
            {t('repository.uploadFiles')}
          </Button>
          <Button onClick={() => setDoing('write')}>
            <PlusIcon />
            {t('files.new')}
          </Button>
        </div>
      )}
      {doing === 'upload' && (
        <UploadPanel at={at} revision={revision} folder={path} onClose={done} />
      )}
      {doing === 'write' && (
        <FileEditor at={at} revision={revision} folder={path} file={null} onClose={done} />
      )}
      <FileList {...props} onDrop={isWritable ? () => setDoing('upload') : null} />
    </div>
  );
}
