/** Imports under way, and those that failed lately, above the models they will become. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type Import, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { IconButton } from '../ui/button.tsx';
import { CloseIcon, DownloadIcon } from '../ui/icons.tsx';
import { Banner } from '../ui/notice.tsx';
import { ProgressBar } from '../ui/progress.tsx';
import { importsQuery, isRunning, modelsQuery } from './queries.ts';

/** A failure older than this is history. */
const FAILURE_SHOWN_MS = 15 * 60_000;

export function ImportList() {
  const { data } = useQuery(importsQuery);
  const imports = data?.data ?? [];
  useModelsAfterImport(imports);
  const shown = imports.filter((item) => isRunning(item) || isFreshFailure(item));
  if (shown.length === 0) return null;
  return (
    <div className="mb-5 space-y-2">
      {shown.map((item) =>
        isRunning(item) ? (
          <RunningImport key={item.id} item={item} />
        ) : (
          <Banner key={item.id} tone="bad" title={item.modelName}>
            {item.error?.message}
          </Banner>
        ),
      )}
    </div>
  );
}

const STAGES = {
  reading: 'import.reading',
  downloading: 'import.downloading',
  hashing: 'import.hashing',
  checking: 'import.checking',
  storing: 'import.storing',
} as const;

function stageKey(stage: string): (typeof STAGES)[keyof typeof STAGES] {
  for (const [name, key] of Object.entries(STAGES)) if (name === stage) return key;
  return 'import.storing';
}

function RunningImport({ item }: Readonly<{ item: Import }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cloud.imports.cancel(item.id),
    onSettled: () => queries.invalidateQueries({ queryKey: importsQuery.queryKey }),
  });
  const received = format.bytes(item.receivedBytes);
  const share = item.totalBytes === null || item.totalBytes === 0 ? null : item.receivedBytes / item.totalBytes;
  return (
    <div className="flex items-center gap-4 rounded-xl border bg-surface px-5 py-3.5">
      <DownloadIcon className="text-accent" />
      <div className="min-w-0 flex-1">
        <div className="mb-1.5 flex items-baseline justify-between gap-3 text-sm">
          <span className="truncate font-medium">{item.modelName}</span>
          <span className="text-xs whitespace-nowrap text-muted tabular">
            {t(stageKey(item.stage))} · {received}
            {item.totalBytes !== null && ` / ${format.bytes(item.totalBytes)}`}
          </span>
        </div>
        <ProgressBar label={t('import.progress', { name: item.modelName })} value={share} />
      </div>
      <IconButton
        size="sm"
        label={t('import.cancel')}
        disabled={cancel.isPending}
        onClick={() => cancel.mutate()}
      >
        <CloseIcon />
      </IconButton>
    </div>
  );
}

/**
 * A finished import means a new model: ask for the list again. Counts the ended ones, because a small
 * file is done before it was ever seen running.
 */
function useModelsAfterImport(imports: readonly Import[]): void {
  const queries = useQueryClient();
  const ended = imports.filter((item) => !isRunning(item)).length;
  const before = useRef(ended);
  useEffect(() => {
    if (ended > before.current) {
      void queries.invalidateQueries({ queryKey: modelsQuery.queryKey });
    }
    before.current = ended;
  }, [ended, queries]);
}

function isFreshFailure(item: Import): boolean {
  return item.state === 'failed' && Date.now() - Date.parse(item.updatedAt) < FAILURE_SHOWN_MS;
}
