/** A price while it is being written: texts as they are typed, turned into terms when it is saved. Pure. */
import type { Price, PriceDraft, PriceRate, PriceTerms } from '../cloud.ts';
import { CURRENCIES } from '../format/currency.ts';
import { CLASSES } from './prices-words.ts';

export type TierForm = Readonly<{ upTo: string; amount: string }>;

/** `any` leaves a condition out. */
export type RateForm = Readonly<{
  unit: PriceRate['unit'];
  direction: PriceRate['direction'];
  isThinking: 'any' | 'yes' | 'no';
  cacheKind: 'any' | 'implicit' | 'explicit';
  cacheTtl: 'any' | '5m' | '1h';
  serviceTier: 'any' | NonNullable<PriceRate['serviceTier']>;
  resolution: string;
  mode: PriceRate['mode'];
  per: string;
  tiers: readonly TierForm[];
}>;

export type PriceForm = Readonly<{
  model: string;
  currency: Item['currency'];
  /** Local, as the browser's field has it; empty begins when it is published. */
  from: string;
  rates: readonly RateForm[];
  /** Multiples by class; empty is the usual one. */
  classes: Readonly<Record<(typeof CLASSES)[number], string>>;
  regions: readonly Readonly<{ name: string; times: string }>[];
  /** Kept as it was: which directions have no price of their own in a class. */
  without: PriceTerms['serviceTiers'];
}>;

type Item = PriceDraft['items'][number];

const MILLION = '1000000';

export const NEW_RATE: RateForm = {
  unit: 'token',
  direction: 'input',
  isThinking: 'any',
  cacheKind: 'any',
  cacheTtl: 'any',
  serviceTier: 'any',
  resolution: '',
  mode: 'whole_request',
  per: MILLION,
  tiers: [{ upTo: '', amount: '' }],
};

const NO_CLASSES = { flex: '', priority: '', batch: '' };

export const NEW_PRICE: PriceForm = {
  model: '',
  currency: 'CNY',
  from: '',
  rates: [NEW_RATE, { ...NEW_RATE, direction: 'output' }],
  classes: NO_CLASSES,
  regions: [],
  without: {},
};

/** A new price begins where the last one is: with all it says. */
export function formOfPrice(price: Price): PriceForm {
  const currency = CURRENCIES.find((code) => code === price.currency) ?? NEW_PRICE.currency;
  return { ...formOfTerms(price), model: price.modelName, currency, from: '' };
}

export function formOfItem({ model, currency, effectiveFrom, terms }: Item): PriceForm {
  const from = effectiveFrom === null ? '' : localTime(effectiveFrom);
  return { ...formOfTerms(terms), model, currency, from };
}

function formOfTerms(terms: PriceTerms): Omit<PriceForm, 'model' | 'currency' | 'from'> {
  return {
    rates: terms.rates.map((rate) => ({
      unit: rate.unit,
      direction: rate.direction,
      isThinking: rate.isThinking === undefined ? 'any' : rate.isThinking ? 'yes' : 'no',
      cacheKind: rate.cacheKind ?? 'any',
      cacheTtl: rate.cacheTtl ?? 'any',
      serviceTier: rate.serviceTier ?? 'any',
      resolution: rate.resolution ?? '',
      mode: rate.mode,
      per: String(rate.per),
      tiers: rate.tiers.map(({ upTo, amount }) => ({
        upTo: upTo === null ? '' : String(upTo),
        amount,
      })),
    })),
    classes: {
      flex: terms.serviceTiers.flex?.times ?? '',
      priority: terms.serviceTiers.priority?.times ?? '',
      batch: terms.serviceTiers.batch?.times ?? '',
    },
    regions: Object.entries(terms.regions).map(([name, times]) => ({ name, times })),
    without: terms.serviceTiers,
  };
}

/** What the cloud is told; it says what is wrong with it. */
export function itemOfForm(form: PriceForm): Item {
  return {
    model: form.model,
    currency: form.currency,
    effectiveFrom: form.from === '' ? null : new Date(form.from).toISOString(),
    terms: {
      rates: form.rates.map(rateOf),
      serviceTiers: Object.fromEntries(
        CLASSES.flatMap((name) => {
          const times = form.classes[name].trim();
          if (times === '') return [];
          // A batch gives one discount, not two, where nobody says otherwise.
          const usual = name === 'batch' ? (['cache_read', 'cache_write'] as const) : [];
          return [[name, { times, without: [...(form.without[name]?.without ?? usual)] }]];
        }),
      ),
      regions: Object.fromEntries(
        form.regions.flatMap(({ name, times }) =>
          name.trim() === '' ? [] : [[name.trim(), times.trim()]],
        ),
      ),
    },
  };
}

export function formOfRates(rates: readonly PriceRate[]): readonly RateForm[] {
  return formOfTerms({ rates: [...rates], serviceTiers: {}, regions: {} }).rates;
}

export function rateOf(rate: RateForm): PriceRate {
  const { unit, direction, isThinking, cacheKind, cacheTtl, serviceTier, resolution } = rate;
  const isToken = unit === 'token';
  const isCache = isToken && direction.startsWith('cache');
  const hasResolution = unit === 'image' || unit === 'video_second';
  return {
    unit,
    direction,
    ...(isToken && isThinking !== 'any' ? { isThinking: isThinking === 'yes' } : {}),
    ...(isCache && cacheKind !== 'any' ? { cacheKind } : {}),
    ...(direction === 'cache_write' && isToken && cacheTtl !== 'any' ? { cacheTtl } : {}),
    ...(serviceTier === 'any' ? {} : { serviceTier }),
    ...(hasResolution && resolution.trim() !== '' ? { resolution: resolution.trim() } : {}),
    mode: rate.mode,
    per: Number(rate.per),
    tiers: rate.tiers.map(({ upTo, amount }, index) => ({
      upTo: index === rate.tiers.length - 1 ? null : Number(upTo),
      amount: amount.trim(),
    })),
  };
}

/** As the field for a time wants it: `2030-12-31T08:00`, in the zone of the page. */
function localTime(iso: string): string {
  const at = new Date(iso);
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
