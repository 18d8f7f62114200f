/** What the weights say of themselves, and what a million tokens cost. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ModelDetail, Price } from '../cloud.ts';
import { deploymentsQuery } from '../deployments/queries.ts';
import { StatePill } from '../deployments/state-pill.tsx';
import { useFormat } from '../format/format.ts';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Tag } from '../ui/pill.tsx';
import { PriceDialog } from './price-dialog.tsx';
import { currentPrice, pricesQuery } from './queries.ts';

export function ModelFacts({ model }: Readonly<{ model: ModelDetail }>) {
  return (
    <div className="space-y-6">
      <ServingFacts model={model} />
      <WeightFacts model={model} />
      <PriceFacts model={model} />
    </div>
  );
}

type FactGroupProps = Readonly<{ title: string; action?: ReactNode; children: ReactNode }>;

function FactGroup({ title, action, children }: FactGroupProps) {
  return (
    <section>
      <div className="mb-1.5 flex items-center justify-between gap-3">
        <h2 className="text-xs font-medium text-faint">{title}</h2>
        {action}
      </div>
      <dl className="divide-y rounded-xl border bg-surface px-4 text-sm">{children}</dl>
    </section>
  );
}

function Fact({ label, children }: Readonly<{ label: string; children: ReactNode }>) {
  return (
    <div className="flex min-h-10 items-center justify-between gap-4 py-2">
      <dt className="shrink-0 text-muted">{label}</dt>
      <dd className="min-w-0 text-right break-words tabular">{children}</dd>
    </div>
  );
}

function ServingFacts({ model }: Readonly<{ model: ModelDetail }>) {
  const { t } = useTranslation();
  const { data } = useInfiniteQuery(deploymentsQuery);
  const served = (data ?? []).filter(({ modelId }) => modelId === model.id);
  if (served.length === 0) return null;
  return (
    <FactGroup title={t('nav.deployments')}>
      {served.map(({ id, modelName, state }) => (
        <Fact key={id} label={modelName}>
          <StatePill state={state} />
        </Fact>
      ))}
    </FactGroup>
  );
}

function WeightFacts({ model }: Readonly<{ model: ModelDetail }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { weights } = model;
  return (
    <FactGroup title={t('model.facts')}>
      {weights !== null && <Fact label={t('model.format')}>{weights.format.toUpperCase()}</Fact>}
      {weights?.architecture != null && (
        <Fact label={t('model.architecture')}>{weights.architecture}</Fact>
      )}
      {weights?.parameters != null && (
        <Fact label={t('model.parameters')}>
          <span title={format.number(weights.parameters)}>{format.parameters(weights.parameters)}</span>
        </Fact>
      )}
      {weights?.quantization != null && (
        <Fact label={t('model.quantization')}>{weights.quantization}</Fact>
      )}
      {weights?.contextLength != null && (
        <Fact label={t('model.context')}>{format.number(weights.contextLength)}</Fact>
      )}
      <Fact label={t('model.size')}>{format.bytes(model.sizeBytes)}</Fact>
      <Fact label={t('model.license')}>{model.license ?? '—'}</Fact>
      <Fact label={t('import.visibility')}>
        {model.visibility === 'public' ? t('models.public') : t('models.private')}
      </Fact>
      <Fact label={t('model.updated')}>
        <time dateTime={model.updatedAt} title={format.time(model.updatedAt)}>
          {format.ago(model.updatedAt)}
        </time>
      </Fact>
      {model.tags.length > 0 && (
        <div className="flex flex-wrap gap-1.5 py-2.5">
          {model.tags.map((tag) => (
            <Tag key={tag}>{tag}</Tag>
          ))}
        </div>
      )}
    </FactGroup>
  );
}

function PriceFacts({ model }: Readonly<{ model: ModelDetail }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { currency } = useMe().tenant;
  const { data } = useQuery(pricesQuery);
  const price = currentPrice(data?.data ?? [], { modelId: model.id, currency });
  if (data === undefined) return null;
  return (
    <FactGroup
      title={t('model.price')}
      action={<SetPrice model={model.name} price={price} />}
    >
      {price === null ? (
        <Fact label={t('model.free')}>{format.money('0', currency)}</Fact>
      ) : (
        <>
          <Fact label={t('usage.input')}>{format.money(price.inputPerMillion, price.currency)}</Fact>
          {price.cacheReadPerMillion !== null && (
            <Fact label={t('usage.cached')}>
              {format.money(price.cacheReadPerMillion, price.currency)}
            </Fact>
          )}
          <Fact label={t('usage.output')}>{format.money(price.outputPerMillion, price.currency)}</Fact>
          {price.reasoningPerMillion !== null && (
            <Fact label={t('usage.reasoning')}>
              {format.money(price.reasoningPerMillion, price.currency)}
            </Fact>
          )}
        </>
      )}
    </FactGroup>
  );
}


function SetPrice({ model, price }: Readonly<{ model: string; price: Price | null }>) {
  const { t } = useTranslation();
  const { role, tenant } = useMe();
  const [isOpen, setIsOpen] = useState(false);
  if (tenant.kind !== 'operator' || !maySee(role, 'pricing')) return null;
  return (
    <>
      <Button size="sm" variant="ghost" className="-my-1.5" onClick={() => setIsOpen(true)}>
        {t('price.submit')}
      </Button>
      {isOpen && <PriceDialog model={model} price={price} onClose={() => setIsOpen(false)} />}
    </>
  );
}
