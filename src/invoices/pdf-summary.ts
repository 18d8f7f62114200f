/** The foot of a paper: who paid what, tax, the total and what is due. */
import { parseAmount } from '#ledger/money.ts';
import type { CreditNoteDocument, StatementDocument } from './document.ts';
import {
  COLOURS,
  MARGIN,
  type Page,
  SIZES,
  bottomOf,
  contentWidth,
  rule,
  write,
} from './pdf-page.ts';
import { grouped } from './quantity.ts';
import { formatRate } from './tax.ts';

const ROW = 17;

type Sum = Readonly<{ name: string; amount: string; isStrong?: boolean }>;

export function drawSummary(page: Page, document: StatementDocument): void {
  const { pdf, words } = page;
  const sums = sumsOf(page, document);
  if (pdf.y + sums.length * ROW + 84 > bottomOf(page)) pdf.addPage();
  pdf.y += 8;
  drawSums(page, sums, document.currency);
  drawDue(page, words.due, `${grouped(document.due)} ${document.currency}`);
  const isDue = parseAmount(document.due) > 0n;
  drawNote(page, isDue ? words.payBy(document.dueOn) : words.nothingDue);
  drawNote(page, words.rounded);
  const reason = document.tax?.reason ?? '';
  if (reason !== '') drawNote(page, reason);
}

export function drawNoteSummary(page: Page, note: CreditNoteDocument): void {
  const { pdf, words } = page;
  write(
    page,
    words.reason,
    { x: MARGIN, y: pdf.y, width: 200 },
    {
      size: SIZES.small,
      colour: COLOURS.faint,
    },
  );
  pdf.font('regular').fontSize(SIZES.text).fillColor(COLOURS.ink);
  pdf.text(note.reason, MARGIN, pdf.y + 13, { width: contentWidth(page) });
  pdf.y += 16;
  const sums: Sum[] = [{ name: words.net, amount: note.net }];
  if (note.tax !== null && note.tax.mode !== 'exempt') {
    sums.push({
      name: `${note.tax.name} ${formatRate(note.tax.ratePpm)}`,
      amount: note.tax.amount,
    });
  }
  drawSums(page, sums, note.currency);
  drawDue(page, words.credited, `${grouped(note.total)} ${note.currency}`);
}

function sumsOf({ words }: Page, document: StatementDocument): readonly Sum[] {
  const { tax } = document;
  const sums: Sum[] = [{ name: words.usage, amount: document.usage }];
  if (parseAmount(document.purchases) !== 0n) {
    sums.push({ name: words.purchases, amount: document.purchases });
  }
  for (const part of document.deductions) {
    sums.push({
      name: `${words.paidBy} · ${words.sources[part.source]}`,
      amount: `-${part.amount}`,
    });
  }
  const isOnTop = tax?.mode === 'exclusive';
  if (sums.length > 1 || isOnTop) sums.push({ name: words.subtotal, amount: document.charged });
  if (tax !== null && isOnTop) {
    sums.push({ name: `${tax.name} ${formatRate(tax.ratePpm)}`, amount: tax.amount });
  }
  sums.push({ name: words.total, amount: document.total, isStrong: true });
  if (tax !== null && tax.mode === 'inclusive') {
    sums.push({ name: words.included(tax.name, formatRate(tax.ratePpm)), amount: tax.amount });
  }
  if (document.mode === 'prepaid') {
    sums.push({ name: words.paidFromBalance, amount: `-${document.paidFromBalance}` });
  }
  return sums;
}

function drawSums(page: Page, sums: readonly Sum[], currency: string): void {
  const { pdf } = page;
  const left = MARGIN + contentWidth(page) * 0.45;
  const width = contentWidth(page) * 0.55 - 8;
  for (const { name, amount, isStrong } of sums) {
    const y = pdf.y;
    if (isStrong === true) rule(page, y - 3, left);
    const font = isStrong === true ? 'bold' : 'regular';
    const colour = isStrong === true ? COLOURS.ink : COLOURS.muted;
    write(page, name, { x: left, y, width: width * 0.62 }, { font, colour });
    const text = `${grouped(amount)} ${currency}`;
    write(page, text, { x: left, y, width }, { font, colour, align: 'right' });
    pdf.y = y + ROW;
  }
}

function drawDue(page: Page, name: string, amount: string): void {
  const { pdf } = page;
  const left = MARGIN + contentWidth(page) * 0.45;
  const width = contentWidth(page) * 0.55;
  const y = pdf.y + 4;
  pdf
    .roundedRect(left - 8, y, width + 8, 34, 5)
    .fillColor(COLOURS.band)
    .fill();
  write(page, name, { x: left, y: y + 11, width: width / 2 }, { font: 'bold' });
  write(
    page,
    amount,
    { x: left, y: y + 7, width: width - 8 },
    {
      font: 'bold',
      size: SIZES.large,
      align: 'right',
    },
  );
  pdf.y = y + 46;
}

function drawNote(page: Page, text: string): void {
  const { pdf } = page;
  pdf.font('regular').fontSize(SIZES.small).fillColor(COLOURS.faint);
  pdf.text(text, MARGIN, pdf.y, { width: contentWidth(page) });
  pdf.y += 2;
}
