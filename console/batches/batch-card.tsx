/** One batch: how far it is, what it cost so far, and what can be done with it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Batch } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Button } from '../ui/button.tsx';
import { DownloadIcon } from '../ui/icons.tsx';
import { Banner } from '../ui/notice.tsx';
import { Pill, type Tone } from '../ui/pill.tsx';
import { ProgressBar } from '../ui/progress.tsx';
import { STATUS_LABELS, isRunning, saveFile } from './queries.ts';

const TONES: Readonly<Record<Batch['status'], Tone>> = {
  validating: 'info',
  in_progress: 'info',
  finalizing: 'info',
  cancelling: 'warn',
  completed: 'good',
  failed: 'bad',
  expired: 'warn',
  cancelled: 'quiet',
};

/** The first mistakes are enough to mend the file by. */
const ERRORS_SHOWN = 3;

export type BatchCardProps = Readonly<{ batch: Batch; onCancel: () => void }>;

export function BatchCard({ batch, onCancel }: BatchCardProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { total, completed, failed } = batch.request_counts;
  const isLive = isRunning(batch);
  const name = batch.metadata?.['name'] ?? batch.id;
  const createdAt = new Date(batch.created_at * 1000).toISOString();
  return (
    <li className="space-y-3 border-b px-5 py-4 last:border-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="min-w-0 truncate text-base font-medium">{name}</h2>
        <Pill tone={TONES[batch.status]} isLive={isLive}>
          {t(STATUS_LABELS[batch.status])}
        </Pill>
        <time
          dateTime={createdAt}
          title={format.time(createdAt)}
          className="ml-auto text-sm whitespace-nowrap text-muted"
        >
          {format.ago(createdAt)}
        </time>
      </div>
      {isLive && (
        <ProgressBar
          label={t('batches.progress', { name })}
          value={total === 0 ? null : (completed + failed) / total}
        />
      )}
      <dl className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
        <Fact label={t('batches.lines')}>
          {`${format.number(completed + failed)} / ${format.number(total)}`}
        </Fact>
        <Fact label={t('batches.failed')}>{format.number(failed)}</Fact>
        <Fact label={t(batch.cost.is_final ? 'batches.cost' : 'batches.costSoFar')}>
          {format.money(batch.cost.amount, batch.cost.currency)}
        </Fact>
        <Fact label={t('batches.tokens')}>{format.number(batch.usage.total_tokens)}</Fact>
        <Fact label={t('batches.model')}>{batch.model ?? '–'}</Fact>
      </dl>
      <Mistakes batch={batch} />
      <Actions batch={batch} name={name} onCancel={onCancel} />
    </li>
  );
}

function Fact({ label, children }: Readonly<{ label: string; children: string }>) {
  return (
    <div className="flex min-w-0 gap-1.5">
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0 truncate tabular">{children}</dd>
    </div>
  );
}

function Mistakes({ batch }: Readonly<{ batch: Batch }>) {
  const { t } = useTranslation();
  const errors = batch.errors?.data ?? [];
  if (errors.length === 0) return null;
  return (
    <Banner tone="bad" title={t('batches.mistakes', { count: errors.length })}>
      <ul>
        {errors.slice(0, ERRORS_SHOWN).map((error) => (
          <li key={`${error.line} ${error.code}`}>
            {error.line === null
              ? error.message
              : t('batches.mistake', { line: error.line, message: error.message })}
          </li>
        ))}
      </ul>
    </Banner>
  );
}

type ActionsProps = Readonly<{ batch: Batch; name: string; onCancel: () => void }>;

function Actions({ batch, name, onCancel }: ActionsProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (file: Readonly<{ id: string; name: string }>) => saveFile(queries, file),
  });
  const { output_file_id: output, error_file_id: errors, status } = batch;
  const mayCancel = status === 'validating' || status === 'in_progress';
  if (output === null && errors === null && !mayCancel) return null;
  return (
    <div className="flex flex-wrap gap-2">
      {output !== null && (
        <Button
          size="sm"
          isBusy={save.isPending}
          aria-label={t('batches.saveResultsOf', { name })}
          onClick={() => save.mutate({ id: output, name: `${batch.id}_output.jsonl` })}
        >
          <DownloadIcon />
          {t('batches.results')}
        </Button>
      )}
      {errors !== null && (
        <Button
          size="sm"
          isBusy={save.isPending}
          aria-label={t('batches.saveErrorsOf', { name })}
          onClick={() => save.mutate({ id: errors, name: `${batch.id}_errors.jsonl` })}
        >
          <DownloadIcon />
          {t('batches.errors')}
        </Button>
      )}
      {mayCancel && (
        <Button
          size="sm"
          variant="danger"
          aria-label={t('batches.cancelOf', { name })}
          onClick={onCancel}
        >
          {t('batches.cancel')}
        </Button>
      )}
    </div>
  );
}
