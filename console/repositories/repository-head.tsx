/** What a repository is called, what kind of thing it is, and what one does with it. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { RepositoryDetail } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import {
  AppIcon,
  ChevronRightIcon,
  DownloadIcon,
  LockIcon,
  ModelIcon,
  PeopleIcon,
  RowsIcon,
} from '../ui/icons.tsx';
import { Tag } from '../ui/pill.tsx';
import { paramsOf } from './address.ts';
import { RepositoryActions } from './repository-actions.tsx';
import { KIND_LABELS, VISIBILITY_LABELS } from './words.ts';

const ICONS = { model: ModelIcon, dataset: RowsIcon, space: AppIcon } as const;

export function RepositoryHead({ repository }: Readonly<{ repository: RepositoryDetail }>) {
  const { t } = useTranslation();
  const { owner, name } = paramsOf(repository.name);
  const KindIcon = ICONS[repository.kind];
  return (
    <header className="mb-5 flex flex-wrap items-start gap-x-6 gap-y-4">
      <div className="min-w-0 flex-1 basis-80">
        <nav
          aria-label={t('nav.breadcrumb')}
          className="flex items-center gap-1 text-sm text-muted"
        >
          <KindIcon className="mr-0.5 text-faint" />
          <KindLink kind={repository.kind} />
          <ChevronRightIcon className="size-3.5 text-faint" />
          <Link to="/owners/$owner" params={{ owner }} className="truncate hover:text-ink">
            {owner}
          </Link>
        </nav>
        <div className="mt-1 flex items-center gap-1.5">
          <h1 className="min-w-0 text-xl leading-7 font-semibold tracking-tight break-words">
            {name}
          </h1>
          <CopyButton
            text={repository.name}
            label={t('models.copyName')}
            doneLabel={t('action.copied')}
          />
        </div>
        <HeadTags repository={repository} />
      </div>
      <RepositoryActions repository={repository} />
    </header>
  );
}

function KindLink({ kind }: Readonly<{ kind: RepositoryDetail['kind'] }>) {
  const { t } = useTranslation();
  const label = t(KIND_LABELS[kind]);
  if (kind !== 'model') return <span>{label}</span>;
  return (
    <Link to="/models" className="hover:text-ink">
      {label}
    </Link>
  );
}

function HeadTags({ repository }: Readonly<{ repository: RepositoryDetail }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { visibility, gated, license, cardFields } = repository;
  const task = cardFields['pipeline_tag']?.[0] ?? cardFields['task_categories']?.[0];
  const library = cardFields['library_name']?.[0];
  const downloads = measured(repository, 'downloads');
  return (
    <div className="mt-2 flex flex-wrap items-center gap-1.5">
      {visibility !== 'public' && (
        <Tag>
          {visibility === 'private' ? (
            <LockIcon className="size-3.5" />
          ) : (
            <PeopleIcon className="size-3.5" />
          )}
          {t(VISIBILITY_LABELS[visibility])}
        </Tag>
      )}
      {gated !== 'no' && (
        <Tag>
          <LockIcon className="size-3.5" />
          {t('repository.gatedTag')}
        </Tag>
      )}
      {task !== undefined && <Tag>{task}</Tag>}
      {library !== undefined && <Tag>{library}</Tag>}
      {license !== null && <Tag>{license}</Tag>}
      {downloads !== null && (
        <span className="ml-1 flex items-center gap-1 text-xs text-muted tabular">
          <DownloadIcon className="size-3.5" />
          {t('repository.downloads', { count: downloads, shown: format.compact(downloads) })}
        </span>
      )}
    </div>
  );
}

/** A number that this cloud counts, where it does. */
export function measured(repository: object, name: string): number | null {
  const value: unknown = Object.entries(repository).find(([key]) => key === name)?.[1];
  return typeof value === 'number' ? value : null;
}
