/** What a list of invoices and an opened one share: the state in a word, and the files. */
import { useTranslation } from 'react-i18next';
import type { Invoice } from '../cloud.ts';
import { buttonClass } from '../ui/button.tsx';
import { Pill, type Tone } from '../ui/pill.tsx';

/** Instead of an id: the month that is open. */
export const OPEN_MONTH = 'preview';

const TONES: Readonly<Record<Invoice['state'], Tone>> = {
  open: 'info',
  paid: 'good',
  uncollectible: 'quiet',
  void: 'quiet',
};

const LABELS = {
  open: 'invoices.open',
  paid: 'invoices.paid',
  uncollectible: 'invoices.uncollectible',
  void: 'invoices.void',
} as const;

export function InvoicePill({
  invoice,
}: Readonly<{ invoice: Pick<Invoice, 'state' | 'isOverdue'> }>) {
  const { t } = useTranslation();
  return (
    <Pill tone={invoice.isOverdue ? 'bad' : TONES[invoice.state]}>
      {t(invoice.isOverdue ? 'invoices.overdue' : LABELS[invoice.state])}
    </Pill>
  );
}

export type DownloadsProps = Readonly<{ id: string; name: string; tenantId?: string | undefined }>;

export function Downloads({ id, name, tenantId }: DownloadsProps) {
  const of = tenantId === undefined ? '' : `&tenantId=${encodeURIComponent(tenantId)}`;
  return (
    <span className="flex gap-1">
      {(['pdf', 'csv', 'focus'] as const).map((format) => (
        <a
          key={format}
          className={buttonClass('ghost', 'sm')}
          href={`/cloud/v1/invoices/${id}/download?format=${format}${of}`}
          aria-label={`${name} ${format.toUpperCase()}`}
          download
        >
          {format.toUpperCase()}
        </a>
      ))}
    </span>
  );
}
