/** How much is kept, of how much, and in which repositories. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { StorageUse as Use } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { PAGES, paramsOf } from '../repositories/address.ts';
import { Banner } from '../ui/notice.tsx';
import { ProgressBar } from '../ui/progress.tsx';

/** From here on whoever uploads should think of room. */
const NEARLY_FULL = 0.9;
const SHOWN = 5;

export function StorageUse({ use }: Readonly<{ use: Use }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const taken = use.bytes + use.waitingBytes;
  const share = use.bytesMax === 0 ? 1 : taken / use.bytesMax;
  return (
    <div className="space-y-3">
      <p className="text-sm tabular">
        {t('storage.used', {
          used: format.bytes(taken),
          most: format.bytes(use.bytesMax),
        })}
      </p>
      <ProgressBar label={t('storage.title')} value={share} />
      {use.waitingBytes > 0 && (
        <p className="text-xs text-muted">
          {t('storage.waiting', { size: format.bytes(use.waitingBytes) })}
        </p>
      )}
      {share >= NEARLY_FULL && (
        <Banner tone={share >= 1 ? 'bad' : 'warn'}>
          {share >= 1 ? t('storage.full') : t('storage.nearlyFull')}
        </Banner>
      )}
      {use.repositories.length > 0 && (
        <ul className="space-y-1 text-xs">
          {use.repositories.slice(0, SHOWN).map(({ kind, name, bytes }) => (
            <li key={`${kind}/${name}`} className="flex items-baseline gap-3">
              <Link
                to={PAGES[kind]}
                params={paramsOf(name)}
                search={{}}
                className="min-w-0 flex-1 truncate text-muted hover:text-ink hover:underline"
              >
                {name}
              </Link>
              <span className="text-faint tabular">{format.bytes(bytes)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
