/** Sizes as people write them. Pure. */
const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

export const SIZE_PATTERN = String.raw`\s*\d{1,9}([.,]\d{1,3})?\s*([kmgtKMGT][iI]?)?[bB]\s*`;

/** Bytes; null for what is no size. */
export function parseSize(text: string): number | null {
  const [, number, unit = 'b'] =
    /^\s*(\d{1,9}(?:[.,]\d{1,3})?)\s*([kmgt]?i?b)\s*$/i.exec(text) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  if (number === undefined || factor === undefined) return null;
  return Math.round(Number(number.replace(',', '.')) * factor);
}

/** The shortest that reads back to the same bytes, to be changed by hand. */
export function writeSize(bytes: number): string {
  const units = ['TB', 'GB', 'MB', 'TiB', 'GiB', 'MiB'];
  const fits = units.find((unit) => {
    const value = bytes / (UNITS[unit.toLowerCase()] ?? 1);
    return value >= 1 && Math.round(value * 1000) === value * 1000;
  });
  return fits === undefined ? `${bytes} B` : `${bytes / (UNITS[fits.toLowerCase()] ?? 1)} ${fits}`;
}
