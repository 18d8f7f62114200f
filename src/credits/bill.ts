/**
 * What of one call is still unpaid, while sources take their parts of it. Pure but for itself: one bill is
 * drawn down by one deduction. Units and money of its lines go down together, so that a quota that comes
 * after a grant finds only the units that the grant left.
 */
import assert from 'node:assert/strict';
import type { Charge } from './charge.ts';

type OpenLine = { readonly unit: string; units: bigint; amountPico: bigint };

export type Bill = { readonly lines: OpenLine[]; restPico: bigint };

export type Paid = Readonly<{ units: bigint; amountPico: bigint }>;

export function openBill(charge: Pick<Charge, 'amountPico' | 'lines'>): Bill {
  const lines = charge.lines
    .filter(({ amountPico, units }) => amountPico > 0n && units > 0)
    .map(({ unit, units, amountPico }) => ({ unit, units: BigInt(units), amountPico }));
  return { lines, restPico: charge.amountPico };
}

/** Pays for up to so many units of one kind, whatever they cost. What costs nothing takes no units. */
export function payUnits(bill: Bill, unit: string, unitsMax: bigint): Paid {
  let left = unitsMax;
  let amountPico = 0n;
  for (const line of bill.lines) {
    if (line.unit !== unit || left <= 0n || line.units === 0n) continue;
    const units = line.units < left ? line.units : left;
    // Exact where one unit costs a whole number of pico; else the payer keeps the fraction for later.
    const paidPico = (line.amountPico * units) / line.units;
    line.units -= units;
    line.amountPico -= paidPico;
    left -= units;
    amountPico += paidPico;
  }
  bill.restPico -= amountPico;
  return { units: unitsMax - left, amountPico };
}

/** Pays so much money of it, or all that is open. */
export function payAmount(bill: Bill, amountMaxPico: bigint): bigint {
  const paidPico = amountMaxPico < bill.restPico ? amountMaxPico : bill.restPico;
  if (paidPico <= 0n) return 0n;
  let left = paidPico;
  for (const line of bill.lines) {
    const part = line.amountPico < left ? line.amountPico : left;
    if (part === 0n) continue;
    // Rounded down, so that what is unpaid never has fewer units than it should.
    line.units -= (line.units * part) / line.amountPico;
    line.amountPico -= part;
    left -= part;
  }
  bill.restPico -= paidPico;
  assert(bill.restPico >= 0n, 'nothing is paid twice');
  return paidPico;
}

/** Units of one kind that are still unpaid. */
export function openUnits(bill: Bill, unit: string): bigint {
  let units = 0n;
  for (const line of bill.lines) if (line.unit === unit) units += line.units;
  return units;
}
