/** Multiples of a price as exact fractions: `1.25` is 125 / 100. */
export type Fraction = Readonly<{ times: bigint; dividedBy: bigint }>;

export const ONE: Fraction = { times: 1n, dividedBy: 1n };

/** Up to six digits after the point; finer is a slip of the keyboard. */
export const MULTIPLE_PATTERN = /^(\d{1,4})(?:\.(\d{1,6}))?$/;

/** Wants what `MULTIPLE_PATTERN` accepts; publishing refuses everything else. */
export function parseMultiple(text: string): Fraction {
  const [whole = '0', fraction = ''] = text.split('.');
  return { times: BigInt(whole + fraction), dividedBy: 10n ** BigInt(fraction.length) };
}

export function multiply(left: Fraction, right: Fraction): Fraction {
  return { times: left.times * right.times, dividedBy: left.dividedBy * right.dividedBy };
}

/** What is left of a pico is dropped. */
export function scale(pico: bigint, by: Fraction): bigint {
  return (pico * by.times) / by.dividedBy;
}
