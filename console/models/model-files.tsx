/** The files of a revision with their hashes, and the revisions themselves. */
import { useTranslation } from 'react-i18next';
import type { ModelDetail } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { FileIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Tag } from '../ui/pill.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';

type File = ModelDetail['revisions'][number]['files'][number];

export function FileTable({ model, files }: Readonly<{ model: string; files: readonly File[] }>) {
  const { t } = useTranslation();
  const format = useFormat();
  if (files.length === 0) {
    return <Empty icon={FileIcon} title={t('model.noFiles')} />;
  }
  return (
    <div className="overflow-hidden rounded-xl border bg-surface">
      <Table
        label={t('model.files')}
        columns={[
          { key: 'path', label: t('model.path') },
          { key: 'sha', label: 'SHA-256' },
          { key: 'size', label: t('model.size'), isNumber: true },
        ]}
      >
        {files.map((file) => (
          <Row key={file.path}>
            <Cell className="font-medium break-all">
              <a
                href={`/${model}/resolve/main/${file.path.split('/').map(encodeURIComponent).join('/')}`}
                download
                className="hover:underline"
              >
                {file.path}
              </a>
            </Cell>
            <Cell>
              <span className="flex items-center gap-1 font-mono text-xs text-muted">
                {file.sha256.slice(0, 12)}…
                <CopyButton
                  text={file.sha256}
                  label={t('model.copyHash', { path: file.path })}
                  doneLabel={t('action.copied')}
                />
              </span>
            </Cell>
            <Cell isNumber>{format.bytes(file.sizeBytes)}</Cell>
          </Row>
        ))}
      </Table>
    </div>
  );
}

export function RevisionList({ model }: Readonly<{ model: ModelDetail }>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <ol className="divide-y overflow-hidden rounded-xl border bg-surface">
      {model.revisions.map((revision) => (
        <li key={revision.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3.5 text-sm">
          <span className="min-w-0 flex-1 basis-56">
            <span className="flex items-center gap-2 font-medium">
              {revision.message === '' ? t('model.noMessage') : revision.message}
              {revision.id === model.latestRevisionId && <Tag>{t('model.latest')}</Tag>}
            </span>
            <span className="block font-mono text-xs text-muted">{revision.id}</span>
          </span>
          <span className="text-xs text-muted tabular">
            {t('model.fileCount', { count: revision.files.length })} ·{' '}
            {format.bytes(revision.sizeBytes)}
          </span>
          <time
            dateTime={revision.createdAt}
            title={format.time(revision.createdAt)}
            className="text-xs text-muted"
          >
            {format.ago(revision.createdAt)}
          </time>
        </li>
      ))}
    </ol>
  );
}
