/** The inside of a weights file: what it says of itself, and its tensors with their types and shapes. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { WeightsHeader } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Failure } from '../shell/failure.tsx';
import { classNames } from '../ui/class-names.ts';
import { INPUT_CLASS } from '../ui/field.tsx';
import { Loading } from '../ui/skeleton.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import type { FilePlace } from './files-tab.tsx';
import { headerQuery } from './queries.ts';

export function WeightsView({ at, revision, path }: FilePlace) {
  const { data, error, refetch } = useQuery(headerQuery(at, { revision, path }));
  if (error !== null) {
    return (
      <div className="p-4">
        <Failure error={error} onRetry={() => void refetch()} />
      </div>
    );
  }
  if (data === undefined) return <Loading className="m-5 h-48 rounded-lg" />;
  return (
    <div>
      <Summary header={data} />
      {data.metadata.length > 0 && <Metadata header={data} />}
      <Tensors header={data} />
    </div>
  );
}

type HeaderProps = Readonly<{ header: WeightsHeader }>;

function Summary({ header }: HeaderProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const byType = Map.groupBy(header.tensors, ({ dtype }) => dtype);
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-2 px-5 py-4 text-sm">
      <Figure label={t('model.format')} value={header.format.toUpperCase()} />
      <Figure label={t('model.parameters')} value={format.parameters(header.parameters)} />
      <Figure label={t('weights.tensors')} value={format.number(header.tensorCount)} />
      <Figure
        label={t('weights.types')}
        value={[...byType]
          .map(([dtype, all]) => `${dtype} × ${format.number(all.length)}`)
          .join(', ')}
      />
    </dl>
  );
}

function Figure({ label, value }: Readonly<{ label: string; value: string }>) {
  return (
    <div>
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="font-medium tabular">{value}</dd>
    </div>
  );
}

function Metadata({ header }: HeaderProps) {
  const { t } = useTranslation();
  return (
    <details className="border-t">
      <summary className="px-5 py-3 text-sm font-medium">
        {t('weights.metadata')}{' '}
        <span className="text-xs font-normal text-muted tabular">{header.metadata.length}</span>
      </summary>
      <dl className="divide-y border-t text-xs">
        {header.metadata.map(({ key, value }) => (
          <div
            key={key}
            className="grid gap-x-6 gap-y-0.5 px-5 py-2 sm:grid-cols-[minmax(0,20rem)_minmax(0,1fr)]"
          >
            <dt className="font-mono break-all text-muted">{key}</dt>
            <dd className="line-clamp-4 font-mono break-all">{value === '' ? '…' : value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

const TENSORS_SHOWN = 200;

function Tensors({ header }: HeaderProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [text, setText] = useState('');
  const found = header.tensors.filter(({ name }) => name.includes(text.trim()));
  return (
    <div className="border-t">
      <div className="px-5 py-3">
        <input
          type="search"
          value={text}
          aria-label={t('weights.find')}
          placeholder={t('weights.find')}
          onChange={(event) => setText(event.target.value)}
          className={classNames(INPUT_CLASS, 'h-8 max-w-72')}
        />
      </div>
      <Table
        label={t('weights.tensors')}
        columns={[
          { key: 'name', label: t('weights.tensor') },
          { key: 'shape', label: t('weights.shape') },
          { key: 'type', label: t('weights.type') },
        ]}
      >
        {found.slice(0, TENSORS_SHOWN).map(({ name, dtype, shape }) => (
          <Row key={name}>
            <Cell className="h-9! font-mono text-xs">{name}</Cell>
            <Cell className="h-9! font-mono text-xs whitespace-nowrap text-muted">
              {shape.map((size) => format.number(size)).join(' × ')}
            </Cell>
            <Cell className="h-9! font-mono text-xs text-muted">{dtype}</Cell>
          </Row>
        ))}
      </Table>
      {found.length > TENSORS_SHOWN && (
        <p className="border-t px-5 py-3 text-xs text-muted">
          {t('weights.more', { shown: TENSORS_SHOWN, all: format.number(found.length) })}
        </p>
      )}
    </div>
  );
}
