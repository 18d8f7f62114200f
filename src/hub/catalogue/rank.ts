/**
 * How well a name fits what was typed. Pure. The very name comes first, then names that begin so, then those that
 * have all of it in them, then what was found by its card; among equals, what more people use.
 */
type Ranked = Readonly<{ id: string; fullName: string; downloads: number; likes: number }>;

export function rank<Item extends Ranked>(found: readonly Item[], typed: string): readonly Item[] {
  const wanted = folded(typed);
  const fits = new Map(found.map((item) => [item.id, fitOf(item.fullName, wanted)]));
  return found.toSorted(
    (a, b) =>
      (fits.get(a.id) ?? 0) - (fits.get(b.id) ?? 0) ||
      b.downloads - a.downloads ||
      b.likes - a.likes ||
      a.fullName.length - b.fullName.length ||
      (a.id < b.id ? 1 : -1),
  );
}

function fitOf(fullName: string, wanted: string): number {
  const full = folded(fullName);
  const name = folded(fullName.slice(fullName.indexOf('/') + 1));
  if (full === wanted || name === wanted) return 0;
  if (name.startsWith(wanted)) return 1;
  if (full.startsWith(wanted)) return 2;
  if (full.includes(wanted)) return 3;
  return wanted.split('-').every((word) => full.includes(word)) ? 4 : 5;
}

function folded(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_.-]+/g, '-')
    .replace(/^-|-$/g, '');
}
