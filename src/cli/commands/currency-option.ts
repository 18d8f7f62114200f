/** In which currency something is priced or offered: only tenants that pay in it are asked for it. */
export const CURRENCY_OPTION = {
  type: 'string',
  value: 'CODE',
  summary: 'For tenants that pay in it.',
  choices: ['CNY', 'USD', 'EUR', 'GBP', 'HKD', 'JPY', 'SGD'],
  default: 'CNY',
} as const;
