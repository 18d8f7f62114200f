/** Who gets which part of the requests, as one bar and as words beneath it. */
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/format.ts';
import type { Share } from './draft.ts';

/** As many colours as the charts have; more targets share them. */
const COLORS = 8;

const colorOf = (index: number): string => `var(--series-${(index % COLORS) + 1})`;

export function ShareBar({ shares, label }: Readonly<{ shares: readonly Share[]; label: string }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const seen = shares.filter(({ share }) => share > 0);
  return (
    <figure aria-label={label} className="min-w-0">
      <div aria-hidden="true" className="flex h-2.5 gap-px overflow-hidden rounded-full bg-hover">
        {seen.map(({ name, share }, index) => (
          <span
            key={`${name} ${index}`}
            style={{ width: `${share * 100}%`, background: colorOf(index) }}
          />
        ))}
      </div>
      <figcaption className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        {seen.map(({ name, share, isCanary }, index) => (
          <span key={`${name} ${index}`} className="flex min-w-0 items-center gap-1.5">
            <span
              aria-hidden="true"
              className="size-2 shrink-0 rounded-xs"
              style={{ background: colorOf(index) }}
            />
            <span className="truncate">{name}</span>
            {isCanary && <span className="text-faint">{t('routing.canary')}</span>}
            <span className="tabular">{format.number(Math.round(share * 1000) / 10)} %</span>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
