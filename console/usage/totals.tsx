/** The sums of the range and the balance they were taken from. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { UsageReport } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { useBalance } from '../shell/session.ts';

export function Totals({ report }: Readonly<{ report: UsageReport }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { total } = report;
  const { data: balance } = useBalance();
  return (
    <dl className="grid gap-px overflow-hidden rounded-xl border bg-line sm:grid-cols-2 lg:grid-cols-4">
      <Total label={t('usage.spent')} value={format.money(total.amount, total.currency)}>
        {t('usage.exact')}
      </Total>
      <Total label={t('usage.calls')} value={format.number(total.calls)}>
        {t('usage.callsText')}
      </Total>
      <Total
        label={t('usage.tokens')}
        value={format.compact(
          total.inputTokens + total.cacheReadTokens + total.outputTokens + total.reasoningTokens,
        )}
      >
        {t('usage.tokensText', {
          input: format.compact(total.inputTokens + total.cacheReadTokens),
          output: format.compact(total.outputTokens + total.reasoningTokens),
        })}
      </Total>
      {balance !== undefined && (
        <Total label={t('usage.balance')} value={format.money(balance.available, balance.currency)}>
          {t('usage.held', { amount: format.money(balance.held, balance.currency) })}
        </Total>
      )}
    </dl>
  );
}

type TotalProps = Readonly<{ label: string; value: string; children: ReactNode }>;

function Total({ label, value, children }: TotalProps) {
  return (
    <div className="min-w-0 bg-surface px-5 py-4">
      <dt className="text-sm text-muted">{label}</dt>
      <dd className="mt-0.5">
        <span className="block text-lg leading-7 font-semibold tracking-tight break-all tabular">
          {value}
        </span>
        <span className="block text-xs text-faint tabular">{children}</span>
      </dd>
    </div>
  );
}
