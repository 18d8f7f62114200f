/** The formats of this page, bound to the language it is shown in. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatMoney, formatMoneyShort } from './money.ts';
import {
  formatBytes,
  formatCompact,
  formatDay,
  formatDuration,
  formatNumber,
  formatParameters,
  formatRelative,
  formatTime,
} from './quantity.ts';

export function useFormat() {
  const { i18n } = useTranslation();
  const { language } = i18n;
  return useMemo(
    () => ({
      money: formatMoney,
      moneyShort: formatMoneyShort,
      bytes: formatBytes,
      parameters: formatParameters,
      duration: formatDuration,
      number: (value: number) => formatNumber(value, language),
      compact: (value: number) => formatCompact(value, language),
      time: (iso: string) => formatTime(iso, language),
      day: (iso: string) => formatDay(iso, language),
      ago: (iso: string) => formatRelative(iso, language, Date.now()),
    }),
    [language],
  );
}

export type Format = ReturnType<typeof useFormat>;
