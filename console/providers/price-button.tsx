/** What callers pay for a model of a provider, beside what it costs us. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Price, ProviderModel } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { PriceDialog } from '../models/price-dialog.tsx';
import { pricesQuery } from '../models/queries.ts';
import { Button } from '../ui/button.tsx';

export function PriceButton({ model }: Readonly<{ model: ProviderModel }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery(pricesQuery);
  const [isOpen, setOpen] = useState(false);
  const price = priceOf(data?.data ?? [], model.modelName);
  return (
    <>
      <Button
        size="sm"
        variant="ghost"
        onClick={() => setOpen(true)}
        aria-label={t('providers.priceOf', { name: model.modelName })}
      >
        {price === null
          ? t('price.submit')
          : `${format.money(price.inputPerMillion, price.currency)} / ${format.money(price.outputPerMillion, price.currency)}`}
      </Button>
      {isOpen && (
        <PriceDialog model={model.modelName} price={price} onClose={() => setOpen(false)} />
      )}
    </>
  );
}

/** The newest that is valid already; null where calls are free. */
function priceOf(prices: readonly Price[], modelName: string): Price | null {
  const nowMs = Date.now();
  const valid = prices.filter(
    (price) => price.modelName === modelName && Date.parse(price.effectiveFrom) <= nowMs,
  );
  return valid.sort((a, b) => b.effectiveFrom.localeCompare(a.effectiveFrom))[0] ?? null;
}
