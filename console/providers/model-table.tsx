/** The models that one provider serves here, with what they cost for whoever may see it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Provider, type ProviderModel, cloud } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { mayOperate, useMe } from '../shell/session.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { TrashIcon } from '../ui/icons.tsx';
import { Tag } from '../ui/pill.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { CostDialog } from './cost-dialog.tsx';
import { PriceButton } from './price-button.tsx';
import { providersQuery } from './queries.ts';

export type ModelTableProps = Readonly<{ provider: Provider; mayWrite: boolean }>;

export function ModelTable({ provider, mayWrite }: ModelTableProps) {
  const { t } = useTranslation();
  const seesCost = mayOperate(useMe(), 'credit');
  const [priced, setPriced] = useState<ProviderModel | null>(null);
  return (
    <div className="border-t">
      <Table
        label={t('providers.models', { name: provider.name })}
        columns={[
          { key: 'name', label: t('usage.byModel') },
          { key: 'there', label: t('providers.upstream') },
          { key: 'for', label: t('providers.visibility') },
          ...(seesCost
            ? [
                { key: 'cost', label: t('providers.cost'), isNumber: true },
                { key: 'price', label: t('providers.price'), isNumber: true },
              ]
            : []),
          { key: 'actions', label: '' },
        ]}
      >
        {provider.models.map((model) => (
          <Row key={model.id}>
            <Cell className="min-w-40 font-medium">{model.modelName}</Cell>
            <Cell className="font-mono text-xs text-muted">{model.upstreamModel}</Cell>
            <Cell>
              <Tag>{t(VISIBILITY_LABELS[model.visibility])}</Tag>
            </Cell>
            {seesCost && (
              <>
                <Cell isNumber>
                  <CostButton model={model} onOpen={() => setPriced(model)} />
                </Cell>
                <Cell isNumber>
                  <PriceButton model={model} />
                </Cell>
              </>
            )}
            <Cell isNumber>{mayWrite && <DropButton provider={provider} model={model} />}</Cell>
          </Row>
        ))}
      </Table>
      {priced !== null && (
        <CostDialog providerId={provider.id} model={priced} onClose={() => setPriced(null)} />
      )}
    </div>
  );
}

const VISIBILITY_LABELS = {
  private: 'providers.private',
  public: 'providers.public',
} as const;

function CostButton({ model, onOpen }: Readonly<{ model: ProviderModel; onOpen: () => void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { cost } = model;
  return (
    <Button
      size="sm"
      variant="ghost"
      onClick={onOpen}
      aria-label={t('providers.costOf', { name: model.modelName })}
    >
      {cost === null
        ? t('providers.setCost')
        : `${format.money(cost.inputPerMillion, cost.currency)} / ${format.money(cost.outputPerMillion, cost.currency)}`}
    </Button>
  );
}

function DropButton({ provider, model }: Readonly<{ provider: Provider; model: ProviderModel }>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const drop = useMutation({
    mutationFn: () => cloud.providers.removeModel(provider.id, model.id),
    onSettled: () => queries.invalidateQueries({ queryKey: providersQuery.queryKey }),
  });
  return (
    <IconButton
      size="sm"
      label={t('providers.drop', { name: model.modelName })}
      onClick={() => drop.mutate()}
    >
      <TrashIcon />
    </IconButton>
  );
}
