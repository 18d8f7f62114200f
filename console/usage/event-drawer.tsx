/** One call in full: what was counted, what it cost, and the ledger entry that holds it. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { UsageEvent } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { EntryLink } from './entry-link.tsx';
import { useGroupNames } from './group-names.ts';
import { OutcomePill } from './outcome-pill.tsx';
import { UnitFacts } from './unit-facts.tsx';
import { eventQuery } from './queries.ts';

export type EventDrawerProps = Readonly<{ requestId: string; onClose: () => void }>;

export function EventDrawer({ requestId, onClose }: EventDrawerProps) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(eventQuery(requestId));
  return (
    <Dialog
      place="right"
      isOpen
      onClose={onClose}
      title={t('event.title')}
      closeLabel={t('action.close')}
    >
      {data !== undefined && <EventFacts event={data} />}
      {data === undefined && error === null && <SkeletonRows rows={6} />}
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
    </Dialog>
  );
}

function EventFacts({ event }: Readonly<{ event: UsageEvent }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const keyName = useGroupNames('key');
  const projectName = useGroupNames('project');
  return (
    <div className="space-y-6">
      <div>
        <p className="text-sm text-muted">{t('event.cost')}</p>
        <p className="text-2xl leading-8 font-semibold tracking-tight break-all tabular">
          {format.money(event.amount, event.currency)}
        </p>
      </div>
      <dl className="divide-y text-sm">
        <Fact label={t('event.request')}>
          <span className="font-mono text-xs break-all">{event.requestId}</span>
          <CopyButton
            text={event.requestId}
            label={t('event.copyId')}
            doneLabel={t('action.copied')}
          />
        </Fact>
        <Fact label={t('usage.byModel')}>{event.modelName}</Fact>
        <Fact label={t('usage.byKey')}>{keyName(event.keyId)}</Fact>
        <Fact label={t('usage.byProject')}>{projectName(event.projectId)}</Fact>
        <Fact label={t('usage.outcome')}>
          <OutcomePill event={event} />
          <span className="text-muted">HTTP {event.status}</span>
        </Fact>
        <Fact label={t('usage.input')}>{format.number(event.inputTokens)}</Fact>
        <Fact label={t('usage.cached')}>{format.number(event.cacheReadTokens)}</Fact>
        <Fact label={t('usage.output')}>{format.number(event.outputTokens)}</Fact>
        <Fact label={t('usage.reasoning')}>{format.number(event.reasoningTokens)}</Fact>
        <UnitFacts event={event}>
          {({ label, text }) => (
            <Fact key={label} label={label}>
              {text}
            </Fact>
          )}
        </UnitFacts>
        <Fact label={t('event.admitted')}>{format.time(event.admittedAt)}</Fact>
        <Fact label={t('event.firstByte')}>
          {event.firstByteMs === null ? '—' : format.duration(event.firstByteMs)}
        </Fact>
        <Fact label={t('usage.duration')}>{format.duration(event.durationMs)}</Fact>
        <Fact label={t('event.entry')}>
          <EntryLink entryId={event.entryId} />
        </Fact>
      </dl>
    </div>
  );
}

function Fact({ label, children }: Readonly<{ label: string; children: ReactNode }>) {
  return (
    <div className="flex min-h-10 items-center justify-between gap-6 py-1.5">
      <dt className="shrink-0 text-muted">{label}</dt>
      <dd className="flex min-w-0 items-center justify-end gap-1.5 text-right tabular">
        {children}
      </dd>
    </div>
  );
}
