/** One route: its name, who gets which share, and what is tried when that fails. */
import { useTranslation } from 'react-i18next';
import type { Route } from '../cloud.ts';
import { maySee, useMe } from '../shell/session.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { ArrowRightIcon, TrashIcon } from '../ui/icons.tsx';
import { Tag } from '../ui/pill.tsx';
import { CONDITIONS, draftOf, sharesOf, textOf } from './draft.ts';
import { CONDITION_LABELS } from './labels.ts';
import { ShareBar } from './share-bar.tsx';

export type RouteCardProps = Readonly<{
  route: Route;
  onEdit: () => void;
  onDelete: () => void;
}>;

export function RouteCard({ route, onEdit, onDelete }: RouteCardProps) {
  const { t } = useTranslation();
  const me = useMe();
  const isOurs = route.scope === 'tenant' || me.tenant.kind === 'operator';
  return (
    <article aria-label={route.name} className="rounded-xl border bg-surface px-5 py-4">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="flex min-w-0 flex-1 basis-60 items-center gap-2">
          <h2 className="truncate text-base font-semibold tracking-tight">{route.name}</h2>
          <CopyButton text={route.name} label={t('routing.copy')} doneLabel={t('action.copied')} />
          {route.scope === 'platform' && <Tag>{t('routing.platform')}</Tag>}
        </div>
        {isOurs && maySee(me.role, 'building') && (
          <div className="flex items-center gap-1.5">
            <Button size="sm" onClick={onEdit}>
              {t('routing.edit')}
            </Button>
            <IconButton
              size="sm"
              label={t('routing.delete', { name: route.name })}
              onClick={onDelete}
            >
              <TrashIcon />
            </IconButton>
          </div>
        )}
      </header>
      <div className="mt-3.5">
        <ShareBar shares={sharesOf(draftOf(route))} label={t('routing.shares')} />
      </div>
      {route.fallbacks.length > 0 && <Fallbacks route={route} />}
    </article>
  );
}

function Fallbacks({ route }: Readonly<{ route: Route }>) {
  const { t } = useTranslation();
  const names = route.fallbacks.map(textOf);
  return (
    <div className="mt-3.5 flex flex-wrap items-center gap-x-2 gap-y-1.5 border-t pt-3.5 text-xs">
      <span className="text-muted">{t('routing.fallbacks')}</span>
      <ol className="flex flex-wrap items-center gap-1.5">
        {names.map((name) => (
          <li key={name} className="flex min-w-0 items-center gap-1.5">
            <ArrowRightIcon className="size-3.5 text-faint" />
            <Tag>{name}</Tag>
          </li>
        ))}
      </ol>
      {route.fallbackOn.length < CONDITIONS.length && (
        <span className="text-faint">
          {t('routing.fallbackOn')}{' '}
          {route.fallbackOn.map((condition) => t(CONDITION_LABELS[condition])).join(', ')}
        </span>
      )}
    </div>
  );
}
