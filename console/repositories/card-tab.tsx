/** The card: README.md as its author wrote it, beside what the repository says of itself in figures. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { RepositoryDetail } from '../cloud.ts';
import { Markdown } from '../markdown/markdown.tsx';
import { plainHtml } from '../markdown/plain-html.ts';
import { Button } from '../ui/button.tsx';
import { FileIcon, PencilIcon, UploadIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { MAIN } from './address.ts';
import { GateNotice } from './gate-notice.tsx';
import { useMarkdownPlace } from './markdown-place.tsx';
import { RepositoryFacts } from './repository-facts.tsx';
import type { SectionProps } from './repository-tabs.tsx';

export function CardTab(props: SectionProps) {
  const { repository } = props;
  return (
    <div className="grid gap-x-10 gap-y-8 lg:grid-cols-[minmax(0,1fr)_18rem]">
      <div className="min-w-0">
        <GateNotice repository={repository} at={props.at} />
        {repository.card.trim() === '' ? <NoCard {...props} /> : <Card {...props} />}
      </div>
      <aside className="min-w-0">
        <RepositoryFacts repository={repository} />
      </aside>
    </div>
  );
}

function Card({ repository, at, onSearch }: SectionProps) {
  const { t } = useTranslation();
  const place = useMarkdownPlace({ at, revision: MAIN, folder: '' });
  const text = useMemo(() => plainHtml(repository.card), [repository.card]);
  return (
    <article className="relative">
      {mayWrite(repository) && (
        <div className="mb-3 flex justify-end sm:absolute sm:top-0 sm:right-0 sm:mb-0">
          <Button
            size="sm"
            variant="ghost"
            onClick={() => onSearch({ tab: 'files', path: 'README.md' })}
          >
            <PencilIcon />
            {t('repository.editCard')}
          </Button>
        </div>
      )}
      <Markdown text={text} place={place} />
    </article>
  );
}

function NoCard({ repository, onSearch }: SectionProps) {
  const { t } = useTranslation();
  const isEmpty = repository.fileCount === 0;
  return (
    <div className="rounded-xl border bg-surface">
      <Empty
        icon={FileIcon}
        title={t(isEmpty ? 'repository.empty' : 'model.noCard')}
        action={
          mayWrite(repository) && (
            <Button variant="primary" onClick={() => onSearch({ tab: 'files' })}>
              <UploadIcon />
              {t('repository.uploadFiles')}
            </Button>
          )
        }
      >
        {t(isEmpty ? 'repository.emptyText' : 'model.noCardText')}
      </Empty>
    </div>
  );
}

export function mayWrite({ access }: Pick<RepositoryDetail, 'access'>): boolean {
  return access !== 'read';
}
