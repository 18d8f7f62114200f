/** The family of a model: what it was made from, itself, and what was made from it. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ModelDetail } from '../cloud.ts';
import { BranchIcon, ModelIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Tag } from '../ui/pill.tsx';

const RELATIONS = {
  adapter: 'model.adapter',
  finetune: 'model.finetune',
  quantized: 'model.quantized',
  merge: 'model.merge',
} as const;

function relationKey(relation: string): (typeof RELATIONS)[keyof typeof RELATIONS] {
  for (const [name, key] of Object.entries(RELATIONS)) if (name === relation) return key;
  return 'model.finetune';
}

export function ModelLineage({ model }: Readonly<{ model: ModelDetail }>) {
  const { t } = useTranslation();
  if (model.bases.length === 0 && model.derivatives.length === 0) {
    return (
      <div className="rounded-xl border bg-surface">
        <Empty icon={BranchIcon} title={t('model.noLineage')}>
          {t('model.noLineageText')}
        </Empty>
      </div>
    );
  }
  return (
    <div className="space-y-6">
      {model.bases.length > 0 && (
        <Family
          title={t('model.madeFrom')}
          members={model.bases.map(({ name, modelId, relation }) => ({
            name,
            relation,
            isHere: modelId !== null,
          }))}
        />
      )}
      {model.derivatives.length > 0 && (
        <Family
          title={t('model.madeOfIt')}
          members={model.derivatives.map((child) => ({ ...child, isHere: true }))}
        />
      )}
    </div>
  );
}

type FamilyProps = Readonly<{
  title: string;
  members: readonly Readonly<{ name: string; relation: string; isHere: boolean }>[];
}>;

function Family({ title, members }: FamilyProps) {
  const { t } = useTranslation();
  return (
    <section>
      <h2 className="mb-2 text-sm font-medium">{title}</h2>
      <ul className="divide-y overflow-hidden rounded-xl border bg-surface">
        {members.map(({ name, relation, isHere }) => (
          <li key={name} className="flex items-center gap-3 px-5 py-3 text-sm">
            <ModelIcon className="text-faint" />
            <span className="min-w-0 flex-1 truncate">
              {isHere ? <ModelLink name={name} /> : name}
            </span>
            <Tag>{t(relationKey(relation))}</Tag>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ModelLink({ name: model }: Readonly<{ name: string }>) {
  const [owner = '', name = ''] = model.split('/');
  return (
    <Link
      to="/models/$owner/$name"
      params={{ owner, name }}
      className="font-medium hover:text-accent"
    >
      {model}
    </Link>
  );
}
