/** One call in full: where its time went, what was counted, what it cost, and its content where its project keeps it. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { UsageEvent } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { EntryLink } from '../usage/entry-link.tsx';
import { useGroupNames } from '../usage/group-names.ts';
import { OutcomePill } from '../usage/outcome-pill.tsx';
import { UnitFacts } from '../usage/unit-facts.tsx';
import { requestQuery } from './queries.ts';
import { RequestContentSection } from './request-content.tsx';
import { TimingBar, TimingLegend } from './timing-bar.tsx';

export type RequestDrawerProps = Readonly<{ requestId: string; onClose: () => void }>;

export function RequestDrawer({ requestId, onClose }: RequestDrawerProps) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(requestQuery(requestId));
  return (
    <Dialog
      place="right"
      isOpen
      onClose={onClose}
      title={t('event.title')}
      closeLabel={t('action.close')}
    >
      {data !== undefined && (
        <div className="space-y-6">
          <RequestFacts event={data} />
          <RequestContentSection requestId={requestId} />
        </div>
      )}
      {data === undefined && error === null && <SkeletonRows rows={6} />}
      {data === undefined && error !== null && (
        <Failure error={error} onRetry={() => void refetch()} />
      )}
    </Dialog>
  );
}

function RequestFacts({ event }: Readonly<{ event: UsageEvent }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const keyName = useGroupNames('key');
  const projectName = useGroupNames('project');
  const money = (amount: string): string => format.money(amount, event.currency);
  return (
    <div className="space-y-6">
      <section aria-label={t('requests.timing')} className="space-y-3">
        <div className="flex items-baseline justify-between">
          <p className="text-sm text-muted">{t('usage.duration')}</p>
          <p className="text-xl font-semibold tracking-tight tabular">
            {format.duration(event.durationMs)}
          </p>
        </div>
        <TimingBar event={event} />
        <TimingLegend event={event} />
      </section>
      <dl className="divide-y text-sm">
        <Fact label={t('event.request')}>
          <span className="font-mono text-xs break-all">{event.requestId}</span>
          <CopyButton
            text={event.requestId}
            label={t('event.copyId')}
            doneLabel={t('action.copied')}
          />
        </Fact>
        <Fact label={t('usage.outcome')}>
          <OutcomePill event={event} />
          <span className="text-muted">HTTP {event.status}</span>
        </Fact>
        {event.errorCode !== null && (
          <Fact label={t('requests.why')}>
            <span className="font-mono text-xs break-all">{event.errorCode}</span>
          </Fact>
        )}
        {event.repeats !== undefined && (
          <Fact label={t('requests.more')}>{t('requests.repeats', { count: event.repeats })}</Fact>
        )}
        <Fact label={t('event.admitted')}>{format.time(event.admittedAt)}</Fact>
        <Fact label={t('usage.byModel')}>{event.modelName === '' ? '—' : event.modelName}</Fact>
        <Fact label={t('usage.byKey')}>{keyName(event.keyId)}</Fact>
        <Fact label={t('usage.byProject')}>{projectName(event.projectId)}</Fact>
        <Fact label={t('cache.title')}>
          {event.cache === null ? '—' : t(CACHE_LABELS[event.cache])}
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
        <Fact label={t('usage.amount')}>{money(event.amount)}</Fact>
        {event.cost !== undefined && <Fact label={t('requests.cost')}>{money(event.cost)}</Fact>}
        {event.margin !== undefined && (
          <Fact label={t('requests.margin')}>{money(event.margin)}</Fact>
        )}
        <Fact label={t('event.entry')}>
          <EntryLink entryId={event.entryId} />
        </Fact>
      </dl>
    </div>
  );
}

const CACHE_LABELS = { hit: 'cache.hit', miss: 'cache.miss' } as const;

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
