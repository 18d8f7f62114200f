/** What a repository says of itself: its weights, where it comes from, its languages, how it was measured. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { RepositoryDetail } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { Tag } from '../ui/pill.tsx';
import { PAGES, paramsOf } from './address.ts';
import { DownloadFacts } from './download-facts.tsx';
import { Fact, FactGroup } from './fact.tsx';
import { measured } from './repository-head.tsx';
import { PriceFacts, ServingFacts } from './serving-facts.tsx';
import { VISIBILITY_LABELS } from './words.ts';

export type FactsProps = Readonly<{ repository: RepositoryDetail }>;

export function RepositoryFacts({ repository }: FactsProps) {
  const isModel = repository.kind === 'model';
  return (
    <div className="space-y-6">
      {isModel && <ServingFacts repository={repository} />}
      {isModel && <WeightFacts repository={repository} />}
      <OriginFacts repository={repository} />
      <OwnFacts repository={repository} />
      <DownloadFacts repository={repository} />
      {isModel && repository.weights !== null && <PriceFacts repository={repository} />}
    </div>
  );
}

function WeightFacts({ repository }: FactsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { weights } = repository;
  if (weights === null) return null;
  return (
    <FactGroup title={t('model.facts')}>
      <Fact label={t('model.format')}>{weights.format.toUpperCase()}</Fact>
      {weights.architecture !== null && (
        <Fact label={t('model.architecture')}>{weights.architecture}</Fact>
      )}
      {weights.parameters !== null && (
        <Fact label={t('model.parameters')}>
          <span title={format.number(weights.parameters)}>
            {format.parameters(weights.parameters)}
          </span>
        </Fact>
      )}
      {weights.quantization !== null && (
        <Fact label={t('model.quantization')}>{weights.quantization}</Fact>
      )}
      {weights.contextLength !== null && (
        <Fact label={t('model.context')}>{format.number(weights.contextLength)}</Fact>
      )}
    </FactGroup>
  );
}

const RELATIONS = {
  adapter: 'model.adapter',
  finetune: 'model.finetune',
  quantized: 'model.quantized',
  merge: 'model.merge',
} as const;

function OriginFacts({ repository }: FactsProps) {
  const { t } = useTranslation();
  const datasets = repository.kind === 'model' ? (repository.cardFields['datasets'] ?? []) : [];
  if (repository.bases.length + datasets.length === 0) return null;
  return (
    <FactGroup title={t('repository.origin')}>
      {repository.bases.map(({ name, modelId, relation }) => (
        <Fact key={name} label={t(RELATIONS[relation])}>
          {modelId === null ? name : <OtherLink kind="model" name={name} />}
        </Fact>
      ))}
      {datasets.map((name) => (
        <Fact key={name} label={t('repository.dataset')}>
          {/^[\w.-]+\/[\w.-]+$/.test(name) ? <OtherLink kind="dataset" name={name} /> : name}
        </Fact>
      ))}
    </FactGroup>
  );
}

function OtherLink({ kind, name }: Readonly<{ kind: 'model' | 'dataset'; name: string }>) {
  return (
    <Link to={PAGES[kind]} params={paramsOf(name)} className="font-medium hover:text-accent">
      {name}
    </Link>
  );
}

function OwnFacts({ repository }: FactsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { visibility, updatedAt, tags, cardFields } = repository;
  const likes = measured(repository, 'likes');
  const languages = cardFields['language'] ?? [];
  return (
    <FactGroup title={t('repository.about')}>
      {likes !== null && <Fact label={t('repository.likes')}>{format.number(likes)}</Fact>}
      <Fact label={t('model.files')}>{t('model.fileCount', { count: repository.fileCount })}</Fact>
      <Fact label={t('model.size')}>{format.bytes(repository.sizeBytes)}</Fact>
      <Fact label={t('model.license')}>{repository.license ?? '—'}</Fact>
      <Fact label={t('import.visibility')}>{t(VISIBILITY_LABELS[visibility])}</Fact>
      <Fact label={t('model.updated')}>
        <time dateTime={updatedAt} title={format.time(updatedAt)}>
          {format.ago(updatedAt)}
        </time>
      </Fact>
      {languages.length > 0 && <Tags label={t('repository.languages')} tags={languages} />}
      {tags.length > 0 && <Tags label={t('repository.tags')} tags={tags} />}
    </FactGroup>
  );
}

function Tags({ label, tags }: Readonly<{ label: ReactNode; tags: readonly string[] }>) {
  return (
    <div className="py-2.5">
      <dt className="sr-only">{label}</dt>
      <dd className="flex flex-wrap gap-1.5">
        {tags.map((tag) => (
          <Tag key={tag}>{tag}</Tag>
        ))}
      </dd>
    </div>
  );
}
