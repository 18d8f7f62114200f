/** Conservation: what was shipped is what was measured is what was rated is what was posted is what was summed. */
import type { Law } from '#ledger/law.ts';
import type { Pricing } from '#pricing/pricing.ts';
import { callLaw } from './call-law.ts';
import { holdLaw, postingLaw } from './posting-laws.ts';
import { SHIPPING_LAWS } from './shipping-laws.ts';
import { dayLaw, sumLaw } from './sum-laws.ts';

export function meteringLaws(pricing: Pick<Pricing, 'byId'>): readonly Law[] {
  return [callLaw(pricing), postingLaw, holdLaw, sumLaw, dayLaw, ...SHIPPING_LAWS];
}
