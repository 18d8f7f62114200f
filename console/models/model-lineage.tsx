/** The family of a model, drawn as a tree: what it was made from, itself, and what was made from it. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Family } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { AlertIcon, BranchIcon, DownloadIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Tag } from '../ui/pill.tsx';

type Member = Family['bases'][number];

const RELATIONS = {
  adapter: 'model.adapter',
  finetune: 'model.finetune',
  quantized: 'model.quantized',
  merge: 'model.merge',
} as const;

const WARNINGS = {
  adapter_is_whole: 'lineage.adapterIsWhole',
  is_adapter: 'lineage.isAdapter',
  other_architecture: 'lineage.otherArchitecture',
  other_size: 'lineage.otherSize',
  not_quantized: 'lineage.notQuantized',
  is_copy: 'lineage.isCopy',
} as const;

export function ModelLineage({ family }: Readonly<{ family: Family }>) {
  const { t } = useTranslation();
  const { bases, derivatives } = family;
  if (bases.length === 0 && derivatives.length === 0) {
    return (
      <div className="rounded-xl border bg-surface">
        <Empty icon={BranchIcon} title={t('model.noLineage')}>
          {t('model.noLineageText')}
        </Empty>
      </div>
    );
  }
  return (
    <div className="space-y-7">
      {bases.length > 0 && (
        <Section title={t('model.madeFrom')}>
          <Tree members={bases} />
        </Section>
      )}
      <Section title={t('model.madeOfIt')} aside={<Counts family={family} />}>
        <div className="flex items-center gap-2 text-sm font-semibold">
          <span className="size-2.5 shrink-0 rounded-full bg-accent" />
          <span className="min-w-0 truncate">{family.name}</span>
          <Tag>{t('lineage.self')}</Tag>
        </div>
        {derivatives.length > 0 && <Tree members={derivatives} />}
      </Section>
    </div>
  );
}

type SectionProps = Readonly<{ title: string; aside?: ReactNode; children: ReactNode }>;

function Section({ title, aside, children }: SectionProps) {
  return (
    <section>
      <div className="mb-2 flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h2 className="text-sm font-medium">{title}</h2>
        {aside}
      </div>
      <div className="overflow-x-auto rounded-xl border bg-surface px-4 py-3.5">{children}</div>
    </section>
  );
}

function Counts({ family: { descendants } }: Readonly<{ family: Family }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const all = Object.values(descendants).reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  return (
    <p className="flex flex-wrap gap-x-3 text-xs text-muted tabular">
      {(['finetune', 'adapter', 'quantized', 'merge'] as const).map(
        (relation) =>
          descendants[relation] > 0 && (
            <span key={relation}>
              {`${t(RELATIONS[relation])} ${format.number(descendants[relation])}`}
            </span>
          ),
      )}
      <span className="text-faint">{t('lineage.inAll', { count: all })}</span>
    </p>
  );
}

/** Lines from each member to its own, as folders are drawn. */
function Tree({ members }: Readonly<{ members: readonly Member[] }>) {
  return (
    <ul className="ml-[0.29rem]">
      {members.map((member) => (
        <li
          key={`${member.modelId ?? ''}${member.name}`}
          className="relative border-l pl-5 last:border-l-transparent"
        >
          <span
            aria-hidden="true"
            className="absolute top-0 -left-px h-4 w-4 rounded-bl-md border-b border-l"
          />
          <MemberLine member={member} />
          {member.members.length > 0 && <Tree members={member.members} />}
          <More count={member.moreCount} />
        </li>
      ))}
    </ul>
  );
}

function More({ count }: Readonly<{ count: number }>) {
  const { t } = useTranslation();
  if (count === 0) return null;
  return <p className="py-1 pl-5 text-xs text-faint">{t('lineage.more', { count })}</p>;
}

function MemberLine({ member }: Readonly<{ member: Member }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { name, modelId, relation, downloads, warnings, isRepeat } = member;
  return (
    <div className="flex min-h-8 flex-wrap items-center gap-x-2.5 gap-y-1 py-1 text-sm">
      {modelId === null ? (
        <span className="text-muted">{name}</span>
      ) : (
        <ModelLink name={name} />
      )}
      <Tag>{t(RELATIONS[relation])}</Tag>
      <Shared member={member} />
      {modelId === null && <span className="text-xs text-faint">{t('lineage.notHere')}</span>}
      {isRepeat && <span className="text-xs text-faint">{t('lineage.repeat')}</span>}
      {downloads > 0 && (
        <span className="flex items-center gap-1 text-xs text-faint tabular">
          <DownloadIcon className="size-3.5" />
          {format.compact(downloads)}
        </span>
      )}
      {warnings.map((warning) => (
        <span key={warning} className="flex items-center gap-1 text-xs text-warn">
          <AlertIcon className="size-3.5" />
          {t(WARNINGS[warning])}
        </span>
      ))}
    </div>
  );
}

function Shared({ member: { shared } }: Readonly<{ member: Member }>) {
  const { t } = useTranslation();
  const format = useFormat();
  if (shared === null || shared.totalBytes === 0) return null;
  const percent = Math.floor((shared.sharedBytes / shared.totalBytes) * 100);
  return (
    <span
      className="flex items-center gap-1.5 text-xs text-muted tabular"
      title={t('lineage.sharedHint', {
        shared: format.bytes(shared.sharedBytes),
        total: format.bytes(shared.totalBytes),
      })}
    >
      <span aria-hidden="true" className="h-1 w-10 overflow-hidden rounded-full bg-hover">
        <span
          className="block h-full rounded-full bg-accent-line"
          style={{ width: `${percent}%` }}
        />
      </span>
      {t('lineage.shared', { percent })}
    </span>
  );
}

function ModelLink({ name: model }: Readonly<{ name: string }>) {
  const [owner = '', name = ''] = model.split('/');
  return (
    <Link
      to="/models/$owner/$name"
      params={{ owner, name }}
      search={{}}
      className="font-medium hover:text-accent"
    >
      {model}
    </Link>
  );
}
