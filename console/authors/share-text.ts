/** Shares as people write them. Pure. */
const PERCENT = /^(\d{1,3})(?:[.,](\d{1,2}))?$/;

/** 3000 is `30%`, 1250 is `12.5%`. */
export function percentOf(basisPoints: number): string {
  return `${basisPoints / 100}%`;
}

/** Null where it is no per cent of at most 100, in hundredths. */
export function parsePercent(text: string): number | null {
  const match = PERCENT.exec(text.trim().replace(/\s*%$/, ''));
  if (match === null) return null;
  const [, whole = '0', fraction = ''] = match;
  const basisPoints = Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
  return basisPoints > 10_000 ? null : basisPoints;
}

/** This one, in UTC: `2027-01`. */
export function currentMonth(): string {
  return new Date().toISOString().slice(0, 7);
}

/** The month before or after: `2027-01` and 1 is `2027-02`. */
export function addMonths(month: string, count: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + count)).toISOString().slice(0, 7);
}
