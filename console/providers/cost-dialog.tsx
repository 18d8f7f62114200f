/** All that the provider asks of the operator for a model; kept beside the price, so that the margin shows. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ProviderModel, cloud } from '../cloud.ts';
import { NEW_PRICE, formOfRates, rateOf } from '../finance/price-form.ts';
import { PriceRates } from '../finance/prices-rate.tsx';
import { CURRENCIES } from '../format/currency.ts';
import { describeFailure } from '../shell/failure.tsx';
import { Button } from '../ui/button.tsx';
import { CurrencyField } from '../ui/currency-field.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { Banner } from '../ui/notice.tsx';
import { notify } from '../ui/toast.tsx';
import { providersQuery } from './queries.ts';

export type CostDialogProps = Readonly<{
  providerId: string;
  model: ProviderModel;
  onClose: () => void;
}>;

export function CostDialog({ providerId, model, onClose }: CostDialogProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [rates, setRates] = useState(
    model.cost === null ? NEW_PRICE.rates : formOfRates(model.cost.rates),
  );
  const [currency, setCurrency] = useState(
    CURRENCIES.find((code) => code === model.cost?.currency) ?? NEW_PRICE.currency,
  );
  const record = useMutation({
    mutationFn: () =>
      cloud.providers.addCost(providerId, model.id, { currency, rates: rates.map(rateOf) }),
    meta: { isSilent: true },
    onSuccess: async () => {
      notify(t('providers.costSet'));
      onClose();
      await queries.invalidateQueries({ queryKey: providersQuery.queryKey });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    record.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('providers.costTitle', { name: model.modelName })}
      description={t('providers.costText')}
      closeLabel={t('action.close')}
    >
      <form onSubmit={onSubmit} className="space-y-4">
        <CurrencyField
          value={currency}
          onChange={setCurrency}
          hint={t('providers.costCurrencyHint')}
        />
        <PriceRates rates={rates} onChange={setRates} modes={['whole_request']} />
        {record.error !== null && <Banner tone="bad">{describeFailure(record.error)}</Banner>}
        <DialogActions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" variant="primary" isBusy={record.isPending}>
            {t('providers.setCost')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
