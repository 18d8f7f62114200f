/** The sections of a repository's page. Those that bring much code with them are loaded when they are opened. */
import { type ReactNode, lazy } from 'react';
import { useTranslation } from 'react-i18next';
import type { RepositoryDetail } from '../cloud.ts';
import { REPOSITORY_TABS, type RepositorySearch, type RepositoryTab } from '../search.ts';
import { Tabs } from '../ui/tabs.tsx';
import type { RepositoryAddress } from './address.ts';
import { CardTab } from './card-tab.tsx';

const FilesTab = lazy(async () => ({ default: (await import('./files-tab.tsx')).FilesTab }));
const HistoryTab = lazy(async () => ({ default: (await import('./history-tab.tsx')).HistoryTab }));
const SettingsTab = lazy(async () => ({
  default: (await import('./settings-tab.tsx')).SettingsTab,
}));
const ViewerTab = lazy(async () => ({
  default: (await import('../datasets/viewer-tab.tsx')).ViewerTab,
}));
const LineageTab = lazy(async () => ({ default: (await import('./lineage-tab.tsx')).LineageTab }));

const DiscussionsTab = lazy(async () => ({
  default: (await import('../discussions/discussions-tab.tsx')).DiscussionsTab,
}));

/** What every section is given. */
export type SectionProps = Readonly<{
  repository: RepositoryDetail;
  at: RepositoryAddress;
  search: RepositorySearch;
  onSearch: (search: RepositorySearch) => void;
}>;

export function RepositoryTabs(props: SectionProps) {
  const { t } = useTranslation();
  const { repository, search, onSearch } = props;
  const tabs: Readonly<Record<RepositoryTab, readonly [label: string, content: ReactNode] | null>> =
    {
      card: [t('repository.card'), <CardTab key="card" {...props} />],
      viewer:
        repository.kind === 'dataset'
          ? [t('repository.viewer'), <ViewerTab key="viewer" {...props} />]
          : null,
      files: [t('model.files'), <FilesTab key="files" {...props} />],
      history: [t('repository.history'), <HistoryTab key="history" {...props} />],
      lineage:
        repository.kind === 'model'
          ? [t('model.lineage'), <LineageTab key="lineage" {...props} />]
          : null,
      discussions: [
        t('repository.discussions'),
        <DiscussionsTab key="discussions" {...props.at} />,
      ],
      settings:
        repository.access === 'admin'
          ? [t('nav.settings'), <SettingsTab key="settings" {...props} />]
          : null,
    };
  const wanted = search.tab ?? 'card';
  const open = tabs[wanted] === null ? 'card' : wanted;
  return (
    <Tabs<RepositoryTab>
      value={open}
      onChange={(tab) => onSearch(tab === 'card' ? {} : { tab })}
      tabs={REPOSITORY_TABS.flatMap((value) => {
        const tab = tabs[value];
        return tab === null ? [] : [{ value, label: tab[0], content: tab[1] }];
      })}
    />
  );
}
