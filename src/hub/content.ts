/** What the files of a revision say of it: card, license, tags, weights, and what it was made from. */
import { CARD_BYTES_MAX, EMPTY_CARD, basesOf, parseCard } from './card.ts';
import { cardFactsOf } from './catalogue/card-facts.ts';
import type { WeightsReport } from './weights.ts';
import type { CandidateFile } from './weights-header.ts';

export type Content = Awaited<ReturnType<typeof describeContent>>;

/** Without a report the weights say nothing, and the card is all there is. */
export async function describeContent(
  files: readonly CandidateFile[],
  report: WeightsReport | null,
  license: string | null,
) {
  const readme = files.find((file) => file.path === 'README.md');
  const card = readme === undefined ? EMPTY_CARD : parseCard(await readText(readme));
  const metadata = {
    weights: report?.weights ?? null,
    parts: report?.parts ?? [],
    hasChatTemplate: report?.hasChatTemplate ?? false,
  };
  const facts = report?.weights ?? { isAdapter: false, format: 'other' };
  const bases = basesOf(card, { ...facts, bases: report?.bases ?? [] });
  const named = license ?? card.fields.get('license')?.[0] ?? report?.license ?? null;
  return {
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    metadata,
    license: named,
    card: cardFactsOf(card, {
      ...metadata,
      paths: files.map(({ path }) => path),
      tags: report?.tags ?? [],
      license: named,
      bases,
    }),
    bases,
  };
}

async function readText(file: CandidateFile): Promise<string> {
  return Buffer.from(await file.read(0, CARD_BYTES_MAX)).toString('utf8');
}
