/** A model in the list: what it is, how big, and whether it answers now. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Deployment, Model } from '../cloud.ts';
import { StatePill } from '../deployments/state-pill.tsx';
import { useFormat } from '../format/format.ts';
import { PAGES } from '../repositories/address.ts';
import { VISIBILITY_LABELS } from '../repositories/words.ts';
import { useMe } from '../shell/session.ts';
import { Initial } from '../ui/initial.tsx';
import { DownloadIcon, HeartIcon } from '../ui/icons.tsx';
import { Tag } from '../ui/pill.tsx';
import { useFacetNames } from './facet-names.ts';
import { currentPrice, pricesQuery } from './queries.ts';

export type ModelCardProps = Readonly<{ model: Model; deployments: readonly Deployment[] }>;

export function ModelCard({ model, deployments }: ModelCardProps) {
  const { t } = useTranslation();
  const [owner = '', name = ''] = model.name.split('/');
  const served = deployments.find(({ state }) => state === 'ready') ?? deployments[0];
  return (
    <li className="group relative flex min-h-38 flex-col rounded-xl border bg-surface p-4.5 transition-colors hover:border-line-strong">
      <div className="flex items-start gap-3">
        <Initial name={owner} className="size-9 rounded-md text-sm" />
        <div className="min-w-0 flex-1">
          <p className="truncate text-xs leading-4 text-faint">{owner}</p>
          <h2 className="text-base leading-5 font-semibold tracking-tight break-words">
            <Link
              to={PAGES[model.kind]}
              params={{ owner, name }}
              search={{}}
              className="after:absolute after:inset-0 after:rounded-xl focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-accent-line"
            >
              {name}
            </Link>
          </h2>
        </div>
        {served !== undefined && <StatePill state={served.state} />}
      </div>
      <p className="mt-3 line-clamp-2 flex-1 text-sm text-muted">
        {model.summary === '' ? t('models.noSummary') : model.summary}
      </p>
      <ModelTags model={model} />
      <div className="mt-3.5 flex flex-wrap items-center justify-between gap-x-3 gap-y-1 border-t pt-2.5 text-xs text-muted tabular">
        {model.weights !== null ? <CardPrice model={model} /> : <Changed model={model} />}
        <Use model={model} />
      </div>
    </li>
  );
}

function ModelTags({ model }: Readonly<{ model: Model }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const names = useFacetNames();
  const { weights } = model;
  return (
    <div className="mt-3.5 flex flex-wrap gap-1.5">
      {model.task !== null && <Tag>{names.value('task', model.task)}</Tag>}
      {weights?.architecture != null && <Tag>{weights.architecture}</Tag>}
      {weights?.parameters != null && <Tag>{format.parameters(weights.parameters)}</Tag>}
      {weights?.quantization != null && <Tag>{weights.quantization}</Tag>}
      <Tag>{format.bytes(model.sizeBytes)}</Tag>
      {model.visibility !== 'public' && <Tag>{t(VISIBILITY_LABELS[model.visibility])}</Tag>}
    </div>
  );
}

function CardPrice({ model }: Readonly<{ model: Model }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { currency } = useMe().tenant;
  const { data } = useQuery(pricesQuery);
  if (data === undefined) return <span />;
  const price = currentPrice(data.data, { modelId: model.id, currency });
  return (
    <p className="flex flex-wrap gap-x-3">
      {price === null ? (
        t('models.free')
      ) : (
        <>
          <span>
            {t('models.priceIn', { amount: format.money(price.inputPerMillion, price.currency) })}
          </span>
          <span>
            {t('models.priceOut', { amount: format.money(price.outputPerMillion, price.currency) })}
          </span>
          <span className="text-faint">{t('models.perMillion')}</span>
        </>
      )}
    </p>
  );
}

function Changed({ model }: Readonly<{ model: Model }>) {
  const format = useFormat();
  return (
    <time dateTime={model.updatedAt} title={format.time(model.updatedAt)}>
      {format.ago(model.updatedAt)}
    </time>
  );
}

/** Downloads of the last 30 days, and likes. */
function Use({ model: { downloads, likes } }: Readonly<{ model: Model }>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <p className="flex gap-3 text-faint">
      <span className="flex items-center gap-1" title={t('repository.downloadsMonth')}>
        <DownloadIcon className="size-3.5" />
        {format.compact(downloads)}
      </span>
      <span className="flex items-center gap-1" title={t('repository.likes')}>
        <HeartIcon className="size-3.5" />
        {format.compact(likes)}
      </span>
    </p>
  );
}
