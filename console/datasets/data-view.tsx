/** A file of rows as a table: pages of typed values, long ones cut and opened on a click. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import type { RepositoryAddress } from '../repositories/address.ts';
import { Failure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { RowsIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Loading } from '../ui/skeleton.tsx';
import { CellDialog } from './cell-dialog.tsx';
import { DataTable } from './data-table.tsx';
import { formatOf } from './formats.ts';
import { openParquet } from './parquet-rows.ts';
import { type ReadBytes, type RowSource, Unreadable } from './row-source.ts';
import { readDelimited, readJsonLines } from './text-rows.ts';

export type DataViewProps = Readonly<{
  at: RepositoryAddress;
  revision: string;
  path: string;
  sizeBytes: number;
}>;

/** Of a text file only its beginning is read: enough for thousands of rows. */
const TEXT_BYTES = 4 * 1024 * 1024;
const PAGE_ROWS = 50;

export function DataView({ at, revision, path, sizeBytes }: DataViewProps) {
  const { data, error, refetch } = useQuery({
    queryKey: ['repository', at.kind, at.name, 'rows', revision, path],
    queryFn: ({ signal }) => {
      // Rows are read long after the file was opened: its first signal is not theirs.
      const read: ReadBytes = async (start, end) => {
        const range = `bytes=${start}-${end - 1}`;
        const response = await cloud.hub.open(
          at,
          { revision, path, range },
          start === 0 ? { signal } : {},
        );
        return response.arrayBuffer();
      };
      return openRows(path, sizeBytes, read);
    },
    retry: false,
    staleTime: Infinity,
  });
  if (error !== null) {
    return (
      <div className="p-4">
        <Unread error={error} onRetry={() => void refetch()} />
      </div>
    );
  }
  if (data === undefined) return <Loading className="m-5 h-64 rounded-lg" />;
  return <Pages source={data} id={`${at.kind}/${at.name}/${revision}/${path}`} />;
}

async function openRows(path: string, sizeBytes: number, read: ReadBytes): Promise<RowSource> {
  const format = formatOf(path);
  if (format === 'parquet') return openParquet(read, sizeBytes);
  const end = Math.min(sizeBytes, TEXT_BYTES);
  const text = new TextDecoder().decode(await read(0, end));
  const part = { text, isCut: end < sizeBytes };
  if (format === 'jsonl') return readJsonLines(part);
  return readDelimited(part, format === 'tsv' ? '\t' : ',');
}

function Unread({ error, onRetry }: Readonly<{ error: unknown; onRetry: () => void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!(error instanceof Unreadable)) return <Failure error={error} onRetry={onRetry} />;
  const { reason, detail } = error;
  return (
    <Empty icon={RowsIcon} title={t('viewer.unreadable')}>
      {reason === 'codec' && t('viewer.codec', { codec: detail })}
      {reason === 'group' && t('viewer.group', { size: format.bytes(Number(detail)) })}
      {reason === 'damaged' && t('viewer.damaged')}
      {reason === 'noRows' && t('viewer.noRows')}
    </Empty>
  );
}

export type OpenCell = Readonly<{ column: string; row: number; value: unknown }>;

function Pages({ source, id }: Readonly<{ source: RowSource; id: string }>) {
  const { t } = useTranslation();
  const [page, setPage] = useState(0);
  const [cell, setCell] = useState<OpenCell | null>(null);
  const start = page * PAGE_ROWS;
  const end = Math.min(start + PAGE_ROWS, source.rowCount);
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: ['rows', id, start],
    queryFn: () => source.readRows(start, end),
    retry: false,
    staleTime: Infinity,
    placeholderData: (before) => before,
  });
  if (source.rowCount === 0) return <Empty icon={RowsIcon} title={t('viewer.noRows')} />;
  if (error !== null) return <Unread error={error} onRetry={() => void refetch()} />;
  return (
    <div aria-busy={isFetching}>
      {data === undefined ? (
        <Loading className="m-5 h-64 rounded-lg" />
      ) : (
        <DataTable columns={source.columns} rows={data} first={start} onOpen={setCell} />
      )}
      <PageBar source={source} start={start} end={end} onPage={(step) => setPage(page + step)} />
      {cell !== null && <CellDialog cell={cell} onClose={() => setCell(null)} />}
    </div>
  );
}

type PageBarProps = Readonly<{
  source: RowSource;
  start: number;
  end: number;
  onPage: (step: 1 | -1) => void;
}>;

function PageBar({ source, start, end, onPage }: PageBarProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const shown = {
    first: format.number(start + 1),
    last: format.number(end),
    all: format.number(source.rowCount),
  };
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-t px-5 py-3">
      <p className="text-xs text-muted tabular" aria-live="polite">
        {t('viewer.rows', shown)}
        {source.isCut && ` · ${t('viewer.cut', { size: format.bytes(TEXT_BYTES) })}`}
      </p>
      <div className="flex gap-2">
        <Button size="sm" disabled={start === 0} onClick={() => onPage(-1)}>
          {t('viewer.previous')}
        </Button>
        <Button size="sm" disabled={end >= source.rowCount} onClick={() => onPage(1)}>
          {t('viewer.next')}
        </Button>
      </div>
    </div>
  );
}
