/** Where a model answers now, and what a million tokens cost there. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Price, RepositoryDetail } from '../cloud.ts';
import { deploymentsQuery } from '../deployments/queries.ts';
import { StatePill } from '../deployments/state-pill.tsx';
import { useFormat } from '../format/format.ts';
import { PriceDialog } from '../models/price-dialog.tsx';
import { currentPrice, pricesQuery } from '../models/queries.ts';
import { maySee, useMe } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { Fact, FactGroup } from './fact.tsx';

export function ServingFacts({ repository }: Readonly<{ repository: RepositoryDetail }>) {
  const { t } = useTranslation();
  const { data } = useInfiniteQuery(deploymentsQuery);
  const served = (data ?? []).filter(({ modelId }) => modelId === repository.id);
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

export function PriceFacts({ repository }: Readonly<{ repository: RepositoryDetail }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { currency } = useMe().tenant;
  const { data } = useQuery(pricesQuery);
  if (data === undefined) return null;
  const price = currentPrice(data.data, { modelId: repository.id, currency });
  const rates =
    price === null
      ? []
      : ([
          ['usage.input', price.inputPerMillion],
          ['usage.cached', price.cacheReadPerMillion],
          ['usage.output', price.outputPerMillion],
          ['usage.reasoning', price.reasoningPerMillion],
        ] as const);
  return (
    <FactGroup title={t('model.price')} action={<SetPrice model={repository.name} price={price} />}>
      {price === null && <Fact label={t('model.free')}>{format.money('0', currency)}</Fact>}
      {rates.map(
        ([label, amount]) =>
          amount !== null && (
            <Fact key={label} label={t(label)}>
              {format.money(amount, price?.currency ?? currency)}
            </Fact>
          ),
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
