/** What one's own tenant keeps in the hub. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { storageQuery } from './queries.ts';
import { StorageUse } from './storage-use.tsx';

export function OwnStorage() {
  const { t } = useTranslation();
  const { data } = useQuery(storageQuery());
  if (data === undefined) return null;
  return (
    <section>
      <h2 className="mb-1.5 text-xs font-medium text-faint">{t('storage.title')}</h2>
      <div className="rounded-xl border bg-surface px-4 py-3.5">
        <StorageUse use={data} />
      </div>
    </section>
  );
}
