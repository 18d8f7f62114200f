/** The first steps of a new cloud; each is done when the cloud itself says so. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Overview } from '../cloud.ts';
import { keysQuery } from '../keys/queries.ts';
import { Card } from '../ui/card.tsx';
import { classNames } from '../ui/class-names.ts';
import { CheckIcon, ChevronRightIcon } from '../ui/icons.tsx';

const STEPS = [
  { key: 'import', label: 'start.import', hint: 'start.importHint', to: '/models' },
  { key: 'deploy', label: 'start.deploy', hint: 'start.deployHint', to: '/deployments' },
  { key: 'call', label: 'start.call', hint: 'start.callHint', to: '/playground' },
  { key: 'key', label: 'start.key', hint: 'start.keyHint', to: '/keys' },
] as const;

export function Checklist({ overview }: Readonly<{ overview: Overview }>) {
  const { t } = useTranslation();
  const { data: keys } = useInfiniteQuery(keysQuery);
  const done = {
    import: overview.models > 0,
    deploy: overview.replicasReady > 0,
    call: overview.calls > 0,
    key: (keys ?? []).some((key) => key.revokedAt === null),
  };
  const count = Object.values(done).filter(Boolean).length;
  return (
    <Card
      title={t('start.title')}
      isFlush
      actions={
        <span className="text-xs text-muted tabular">
          {t('start.progress', { done: count, total: STEPS.length })}
        </span>
      }
    >
      <ol className="px-2 pb-2">
        {STEPS.map((step) => (
          <Step key={step.key} step={step} isDone={done[step.key]} />
        ))}
      </ol>
    </Card>
  );
}

function Step({ step, isDone }: Readonly<{ step: (typeof STEPS)[number]; isDone: boolean }>) {
  const { t } = useTranslation();
  return (
    <li>
      <Link
        to={step.to}
        className="group flex items-center gap-3 rounded-lg px-3 py-2.5 hover:bg-inset"
      >
        <span
          className={classNames(
            'grid size-5 shrink-0 place-items-center rounded-full border',
            isDone ? 'border-transparent bg-accent-soft text-accent' : 'border-line-strong',
          )}
        >
          {isDone && <CheckIcon className="size-3.5" />}
        </span>
        <span className="min-w-0 flex-1">
          <span className={classNames('block text-sm font-medium', isDone && 'text-muted')}>
            {t(step.label)}
            {isDone && <span className="sr-only"> {t('start.done')}</span>}
          </span>
          {!isDone && <span className="block text-xs text-muted">{t(step.hint)}</span>}
        </span>
        <ChevronRightIcon className="text-faint opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100" />
      </Link>
    </li>
  );
}
