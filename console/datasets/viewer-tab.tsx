/** The rows of a dataset, file by file. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/format.ts';
import { MAIN } from '../repositories/address.ts';
import { GateNotice } from '../repositories/gate-notice.tsx';
import { allFilesQuery } from '../repositories/queries.ts';
import type { SectionProps } from '../repositories/repository-tabs.tsx';
import { Failure } from '../shell/failure.tsx';
import { RowsIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Select } from '../ui/select.tsx';
import { Loading } from '../ui/skeleton.tsx';
import { DataView } from './data-view.tsx';
import { sortViewable } from './formats.ts';

export function ViewerTab(props: SectionProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { repository, at, search, onSearch } = props;
  const { data, error, refetch } = useQuery(allFilesQuery(at, MAIN));
  if (!repository.mayReadFiles) return <GateNotice repository={repository} at={at} />;
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading className="h-80 rounded-xl" />;
  const files = sortViewable(data);
  const open = files.find(({ path }) => path === search.path) ?? files[0];
  if (open === undefined) {
    return (
      <div className="rounded-xl border bg-surface">
        <Empty icon={RowsIcon} title={t('viewer.nothing')}>
          {t('viewer.nothingText')}
        </Empty>
      </div>
    );
  }
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-center gap-3">
        <Select
          label={t('viewer.file')}
          value={open.path}
          choices={files.map(({ path, size }) => ({
            value: path,
            label: path,
            detail: format.bytes(size),
          }))}
          onChange={(path) => onSearch({ tab: 'viewer', path })}
          size="sm"
          className="max-w-full"
        />
        <span className="text-xs text-muted tabular">
          {t('viewer.files', { count: files.length })}
        </span>
      </div>
      <div className="overflow-hidden rounded-xl border bg-surface">
        <DataView key={open.path} at={at} revision={MAIN} path={open.path} sizeBytes={open.size} />
      </div>
    </div>
  );
}
