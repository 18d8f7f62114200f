/** Parts of one sum as quiet bars: who paid, what earned, each with its amount and its part of the whole. */
import { useFormat } from '../format/format.ts';
import { approximateMoney } from '../format/money.ts';

export type Part = Readonly<{ key: string; name: string; amount: string; color?: string }>;

export function ShareList({
  parts,
  currency,
}: Readonly<{ parts: readonly Part[]; currency: string }>) {
  const format = useFormat();
  const total = parts.reduce((sum, { amount }) => sum + approximateMoney(amount), 0);
  return (
    <ul className="space-y-3">
      {parts.map(({ key, name, amount, color }) => {
        const share = total > 0 ? approximateMoney(amount) / total : 0;
        return (
          <li key={key}>
            <p className="flex items-baseline justify-between gap-3 text-sm">
              <span className="min-w-0 truncate">{name}</span>
              <span className="shrink-0 tabular">
                {format.moneyShort(amount, currency)}
                <span className="ml-2 inline-block w-9 text-right text-xs text-muted">
                  {Math.round(share * 100)}%
                </span>
              </span>
            </p>
            <div aria-hidden="true" className="mt-1 h-1.5 rounded-full bg-hover">
              <div
                className="h-full rounded-full"
                style={{ width: `${share * 100}%`, background: color ?? 'var(--series-1)' }}
              />
            </div>
          </li>
        );
      })}
    </ul>
  );
}
