/** The head of a paper: who, whom, which, when, and how much at a glance. */
import type { Party, StatementDocument } from './document.ts';
import {
  COLOURS,
  MARGIN,
  type Page,
  type Paper,
  SIZES,
  contentWidth,
  rule,
  write,
} from './pdf-page.ts';
import { grouped } from './quantity.ts';

const LINE = 14;

export function drawHeader(page: Page, paper: Paper, number: string): void {
  const { pdf, words } = page;
  const width = contentWidth(page);
  drawMark(pdf, MARGIN, MARGIN + 4);
  const { document } = paper;
  write(
    page,
    document.seller.name,
    { x: MARGIN + 30, y: MARGIN + 3, width: width / 2 - 30 },
    {
      font: 'bold',
      size: SIZES.large - 2,
    },
  );
  const half = { x: MARGIN + width / 2, width: width / 2 };
  const right = { align: 'right' } as const;
  write(
    page,
    titleOf(page, paper),
    { ...half, y: MARGIN - 6 },
    {
      ...right,
      font: 'bold',
      size: SIZES.title,
    },
  );
  if (paper.kind !== 'preview') {
    write(page, number, { ...half, y: MARGIN + 28 }, { ...right, colour: COLOURS.muted });
  }
  const facts: readonly (readonly [string, string])[] =
    paper.kind === 'credit_note'
      ? [
          [words.issuedOn, paper.document.issuedOn],
          [words.correctsInvoice, paper.document.invoiceNumber],
        ]
      : factsOf(page, paper.document);
  const top = MARGIN + 62;
  // The period is the longest.
  const shares = facts.length === 5 ? [0.17, 0.27, 0.2, 0.17, 0.19] : [0.3, 0.7];
  let x = MARGIN;
  for (const [index, [name, value]] of facts.entries()) {
    const column = (shares[index] ?? 0) * width;
    write(
      page,
      name,
      { x, y: top, width: column - 8 },
      {
        size: SIZES.small,
        colour: COLOURS.faint,
      },
    );
    write(page, value, { x, y: top + 12, width: column - 8 }, { font: 'bold' });
    x += column;
  }
  pdf.y = top + 40;
}

function titleOf({ words }: Page, { kind }: Paper): string {
  if (kind === 'credit_note') return words.creditNote;
  return kind === 'preview' ? `${words.statement} · ${words.preview}` : words.invoice;
}

function factsOf(
  { words }: Page,
  document: StatementDocument,
): readonly (readonly [string, string])[] {
  const { period } = document;
  const due = `${grouped(document.due)} ${document.currency}`;
  return [
    [words.issuedOn, document.issuedOn],
    [words.period, `${period.firstDate} – ${period.lastDate.slice(5)}`],
    [words.timeZone, period.timeZone],
    [words.dueOn, document.dueOn],
    [words.due, due],
  ];
}

export function drawParties(
  page: Page,
  { seller, buyer }: Readonly<{ seller: Party; buyer: Party }>,
): void {
  const { pdf, words } = page;
  const top = pdf.y + 6;
  rule(page, top - 8);
  const width = contentWidth(page) / 2;
  const bottoms = (
    [
      [words.from, seller],
      [words.to, buyer],
    ] as const
  ).map(([name, party], index) =>
    drawParty(page, { name, party, x: MARGIN + index * width, y: top, width: width - 16 }),
  );
  pdf.y = Math.max(...bottoms) + 14;
}

function drawParty(
  page: Page,
  at: Readonly<{ name: string; party: Party; x: number; y: number; width: number }>,
): number {
  const { name, party, x, width } = at;
  let { y } = at;
  write(page, name, { x, y, width }, { size: SIZES.small, colour: COLOURS.faint });
  y += 12;
  write(page, party.name, { x, y, width }, { font: 'bold' });
  y += LINE;
  const taxId = party.taxId === '' ? [] : [`${page.words.taxId} ${party.taxId}`];
  for (const line of [...party.address, ...taxId, party.email]) {
    if (line === '') continue;
    write(page, line, { x, y, width }, { colour: COLOURS.muted });
    y += LINE;
  }
  return y;
}

/** The wheel: a ring with a hub and three spokes. */
function drawMark(pdf: PDFKit.PDFDocument, x: number, y: number): void {
  const radius = 9;
  const [centreX, centreY] = [x + radius, y + radius];
  pdf.lineWidth(2.4).strokeColor(COLOURS.accent);
  pdf.circle(centreX, centreY, radius).stroke();
  pdf.lineWidth(1.8);
  for (const spoke of [0, 1, 2]) {
    const angle = (spoke * 2 * Math.PI) / 3 - Math.PI / 2;
    pdf.moveTo(centreX, centreY);
    pdf.lineTo(centreX + radius * Math.cos(angle), centreY + radius * Math.sin(angle)).stroke();
  }
  pdf.circle(centreX, centreY, 2.6).fillColor(COLOURS.accent).fill();
}
