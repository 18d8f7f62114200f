/** One deployment: its name, its state, and a line for each replica. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Deployment, Replica } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { maySee, useMe } from '../shell/session.ts';
import { Button, IconButton, buttonClass } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { ChatIcon, TerminalIcon, TrashIcon } from '../ui/icons.tsx';
import { Tag } from '../ui/pill.tsx';
import { ProgressBar } from '../ui/progress.tsx';
import { StatePill } from './state-pill.tsx';

export type DeploymentCardProps = Readonly<{
  deployment: Deployment;
  onLogs: () => void;
  onDelete: () => void;
}>;

export function DeploymentCard({ deployment, onLogs, onDelete }: DeploymentCardProps) {
  const { t } = useTranslation();
  const summary = useSummary(deployment);
  const isBuilder = maySee(useMe().role, 'building');
  return (
    <article
      aria-label={deployment.modelName}
      className="overflow-hidden rounded-xl border bg-surface"
    >
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2.5 px-5 py-4">
        <div className="min-w-0 flex-1 basis-60">
          <div className="flex min-w-0 items-center gap-2.5">
            <h2 className="truncate text-base font-semibold tracking-tight">
              {deployment.modelName}
            </h2>
            <StatePill state={deployment.state} />
          </div>
          <p className="mt-0.5 text-sm text-muted">{deployment.reason ?? summary}</p>
        </div>
        <div className="flex items-center gap-1.5">
          <Link
            to="/playground"
            search={{ model: deployment.modelName }}
            className={buttonClass('secondary', 'sm')}
          >
            <ChatIcon />
            {t('models.try')}
          </Link>
          <Button size="sm" onClick={onLogs}>
            <TerminalIcon />
            {t('deployments.logs')}
          </Button>
          {isBuilder && (
            <IconButton
              size="sm"
              label={t('deployments.delete', { name: deployment.modelName })}
              onClick={onDelete}
            >
              <TrashIcon />
            </IconButton>
          )}
        </div>
      </header>
      <Facts deployment={deployment} />
      <ul className={classNames('divide-y', deployment.replicas.length > 0 && 'border-t')}>
        {deployment.replicas.map((replica) => (
          <ReplicaRow key={replica.id} replica={replica} />
        ))}
      </ul>
    </article>
  );
}

function useSummary(deployment: Deployment): string {
  const { t } = useTranslation();
  if (deployment.replicasWanted === 0) return t('deployments.asleep');
  const ready = deployment.replicas.filter(({ state }) => state === 'ready').length;
  return t('deployments.ready', { ready, wanted: deployment.replicasWanted });
}

function Facts({ deployment }: Readonly<{ deployment: Deployment }>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className="flex flex-wrap gap-1.5 px-5 pb-4">
      <Tag>{deployment.engine}</Tag>
      <Tag>
        {deployment.replicasMin === deployment.replicasMax
          ? t('deployments.fixed', { count: deployment.replicasMin })
          : t('deployments.scale', { min: deployment.replicasMin, max: deployment.replicasMax })}
      </Tag>
      <Tag>{t('deployments.parallelFact', { count: deployment.parallel })}</Tag>
      {deployment.contextLength !== null && (
        <Tag>
          {t('deployments.contextFact', { tokens: format.number(deployment.contextLength) })}
        </Tag>
      )}
    </div>
  );
}

function ReplicaRow({ replica }: Readonly<{ replica: Replica }>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1.5 bg-inset/60 px-5 py-3 text-sm">
      <span className="w-28 shrink-0">
        <StatePill isReplica state={replica.state} />
      </span>
      <span className="min-w-0 flex-1 basis-40">
        <span className="block truncate">{replica.nodeName ?? t('deployments.noNode')}</span>
        {replica.reason !== null && (
          <span className="block text-xs break-words text-muted">{replica.reason}</span>
        )}
        {replica.state === 'loading' && (
          <span className="mt-1.5 block max-w-72">
            <ProgressBar label={t('state.loading')} value={replica.progress} />
          </span>
        )}
      </span>
      <span className="text-xs text-muted tabular">
        {t('deployments.restarts', { count: replica.restarts })}
      </span>
      <time
        dateTime={replica.changedAt}
        title={format.time(replica.changedAt)}
        className="text-xs text-muted sm:w-24 sm:text-right"
      >
        {format.ago(replica.changedAt)}
      </time>
    </li>
  );
}
