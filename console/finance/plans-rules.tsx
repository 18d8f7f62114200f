/** What new tenants get for nothing, and the order in which sources pay. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { OFFERS_KEY, SOURCE_LABELS, UNIT_LABELS } from '../billing/plans-queries.ts';
import { type DeductionOrder, type FreeQuotaRuleSet, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { TextField } from '../ui/field.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { notify } from '../ui/toast.tsx';
import { OfferForm } from './plans-form.tsx';
import { ordersQuery, quotaRulesQuery } from './plans-queries.ts';

export function QuotaRules() {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const { data = [] } = useQuery(quotaRulesQuery);
  const [isNew, setIsNew] = useState(false);
  const remove = useMutation({
    mutationFn: (rule: FreeQuotaRuleSet) => cloud.freeQuotas.setRule({ ...rule, units: 0 }),
    onSettled: () => queries.invalidateQueries({ queryKey: OFFERS_KEY }),
  });
  return (
    <Card
      isFlush
      title={t('offers.quotas')}
      description={t('offers.quotasText')}
      actions={
        <Button size="sm" onClick={() => setIsNew(true)}>
          {t('offers.newQuota')}
        </Button>
      }
    >
      {data.length === 0 ? (
        <p className="px-5 pb-5 text-sm text-muted">{t('offers.quotasNone')}</p>
      ) : (
        <Table
          label={t('offers.quotas')}
          columns={[
            { key: 'model', label: t('offers.model') },
            { key: 'units', label: t('offers.units'), isNumber: true },
            { key: 'days', label: t('offers.lasts'), isNumber: true },
            { key: 'remove', label: '' },
          ]}
        >
          {data.map(({ model, unit, units, validDays }) => (
            <Row key={`${model} ${unit}`}>
              <Cell>{model}</Cell>
              <Cell isNumber>
                {format.number(units)} {t(UNIT_LABELS[unit])}
              </Cell>
              <Cell isNumber>
                {validDays === null ? t('plans.never') : t('offers.days', { count: validDays })}
              </Cell>
              <Cell className="text-right">
                <Button
                  size="sm"
                  variant="ghost"
                  onClick={() => remove.mutate({ model, unit, units })}
                >
                  {t('offers.removeRule', { name: model })}
                </Button>
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {isNew && <NewRule onClose={() => setIsNew(false)} />}
    </Card>
  );
}

function NewRule({ onClose }: Readonly<{ onClose: () => void }>) {
  const { t } = useTranslation();
  const [model, setModel] = useState('');
  const [units, setUnits] = useState('1000000');
  const [days, setDays] = useState('90');
  const send = () =>
    cloud.freeQuotas.setRule({
      model: model.trim(),
      units: Number(units),
      validDays: days === '' ? null : Number(days),
    });
  return (
    <OfferForm
      title={t('offers.newQuota')}
      done={t('offers.offered')}
      send={send}
      onClose={onClose}
    >
      <TextField
        label={t('offers.model')}
        hint={t('offers.modelHint')}
        required
        value={model}
        onChange={(event) => setModel(event.target.value)}
      />
      <TextField
        label={t('offers.tokensFree')}
        required
        type="number"
        min={1}
        value={units}
        onChange={(event) => setUnits(event.target.value)}
      />
      <TextField
        label={t('offers.grantDays')}
        type="number"
        min={1}
        value={days}
        onChange={(event) => setDays(event.target.value)}
      />
    </OfferForm>
  );
}

export function OrderCard() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data = [] } = useQuery(ordersQuery);
  const inForce = data.find(({ isInForce }) => isInForce);
  if (inForce === undefined) return null;
  return (
    <Card title={t('offers.order')} description={t('offers.orderText')}>
      <OrderSteps key={inForce.id} order={inForce} />
      {inForce.id !== 'default' && (
        <p className="mt-3 text-xs text-muted">
          {t('offers.orderSince', { time: format.time(inForce.effectiveFrom) })}
        </p>
      )}
    </Card>
  );
}

/** Moved by buttons, so that a keyboard does as well as a mouse; cash stays last. */
function OrderSteps({ order }: Readonly<{ order: DeductionOrder }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [steps, setSteps] = useState(order.steps);
  const publish = useMutation({
    mutationFn: () =>
      cloud.deductionOrders.create({
        steps: steps.map(({ source, exceptTiers }) => ({
          source,
          exceptTiers: exceptTiers.includes('batch') ? ['batch'] : [],
        })),
      }),
    onSuccess: () => notify(t('offers.orderPublished')),
    onSettled: () => queries.invalidateQueries({ queryKey: OFFERS_KEY }),
  });
  const isChanged = steps.some(({ source }, index) => source !== order.steps[index]?.source);
  const raise = (index: number): void => {
    const [above, own] = steps.slice(index - 1, index + 1);
    if (above === undefined || own === undefined) return;
    setSteps([...steps.slice(0, index - 1), own, above, ...steps.slice(index + 1)]);
  };
  return (
    <>
      <ol className="divide-y rounded-lg border text-sm">
        {steps.map(({ source, exceptTiers }, index) => (
          <li key={source} className="flex min-h-11 items-center gap-3 px-3 py-1.5">
            <span className="w-4 text-muted tabular">{index + 1}</span>
            <span className="min-w-0 flex-1">
              {t(SOURCE_LABELS[source])}
              {exceptTiers.includes('batch') && (
                <span className="text-muted"> · {t('offers.notBatch')}</span>
              )}
            </span>
            {index > 0 && source !== 'cash' && (
              <Button size="sm" variant="ghost" onClick={() => raise(index)}>
                {t('offers.raise', { name: t(SOURCE_LABELS[source]) })}
              </Button>
            )}
          </li>
        ))}
      </ol>
      {isChanged && (
        <Button
          className="mt-3"
          variant="primary"
          isBusy={publish.isPending}
          onClick={() => publish.mutate()}
        >
          {t('offers.publishOrder')}
        </Button>
      )}
    </>
  );
}
