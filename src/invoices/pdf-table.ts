/** The lines of a paper: models, and under each what went in and came out, at which price. */
import type { InvoiceLine, StatementDocument } from './document.ts';
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
import { consumedQuantity, grouped, isPackaged, shownPrice } from './quantity.ts';

const ROW = 17;
const HEAD = 22;

type Group = Readonly<{ title: string; note: string; lines: readonly InvoiceLine[] }>;

export function drawTable(page: Page, document: StatementDocument): void {
  drawHead(page);
  for (const group of groupsOf(page, document)) {
    // A title never stands alone at the foot of a page.
    reserve(page, 2 * ROW + 6);
    drawGroup(page, group);
    for (const line of group.lines) {
      reserve(page, ROW);
      drawLine(page, line);
    }
    page.pdf.y += 5;
  }
}

type Columns = Readonly<
  Record<'item' | 'quantity' | 'price' | 'amount', Readonly<{ x: number; width: number }>>
>;

function columnsOf(page: Page): Columns {
  const width = contentWidth(page);
  return {
    item: { x: MARGIN + 10, width: width * 0.4 - 10 },
    quantity: { x: MARGIN + width * 0.4, width: width * 0.17 },
    price: { x: MARGIN + width * 0.57, width: width * 0.25 },
    amount: { x: MARGIN + width * 0.82, width: width * 0.18 - 8 },
  };
}

function drawHead(page: Page): void {
  const { pdf, words } = page;
  const columns = columnsOf(page);
  const y = pdf.y;
  pdf.rect(MARGIN, y, contentWidth(page), HEAD).fillColor(COLOURS.band).fill();
  const style = { size: SIZES.small, colour: COLOURS.muted, font: 'bold' } as const;
  const right = { ...style, align: 'right' } as const;
  write(page, words.item, { ...columns.item, y: y + 6 }, style);
  write(page, words.quantity, { ...columns.quantity, y: y + 6 }, right);
  write(page, words.unitPrice, { ...columns.price, y: y + 6 }, right);
  write(page, words.amount, { ...columns.amount, y: y + 6 }, right);
  pdf.y = y + HEAD + 6;
}

function reserve(page: Page, height: number): void {
  if (page.pdf.y + height <= bottomOf(page)) return;
  page.pdf.addPage();
  page.pdf.y = MARGIN;
  drawHead(page);
}

function groupsOf({ words }: Page, { lines }: StatementDocument): readonly Group[] {
  const groups = Map.groupBy(lines, (line) =>
    [line.kind, line.correctionOf, line.modelId, line.model, line.serviceTier].join('\n'),
  );
  return [...groups.values()].map((of): Group => {
    const [first] = of;
    if (first === undefined || first.kind === 'purchase') {
      return { title: words.purchases, note: '', lines: of };
    }
    const tier = words.tiers[first.serviceTier ?? ''];
    const late =
      first.correctionOf === null ? [] : [words.corrections, words.lateCallsOf(first.correctionOf)];
    return {
      title: first.description,
      note: [tier, ...late].filter((text) => text !== undefined).join(' · '),
      lines: of,
    };
  });
}

function drawGroup(page: Page, { title, note }: Group): void {
  const { pdf } = page;
  const y = pdf.y;
  write(page, title, { x: MARGIN, y, width: contentWidth(page) * 0.5 }, { font: 'bold' });
  const right = { size: SIZES.small, colour: COLOURS.faint, align: 'right' } as const;
  const from = MARGIN + contentWidth(page) * 0.5;
  write(page, note, { x: from, y: y + 1, width: contentWidth(page) * 0.5 - 8 }, right);
  pdf.y = y + ROW - 1;
}

function drawLine(page: Page, line: InvoiceLine): void {
  const { pdf, words } = page;
  const columns = columnsOf(page);
  const y = pdf.y;
  const muted = { colour: COLOURS.muted } as const;
  // What was bought has no quantity, and its name all the room of one.
  const itemWidth = columns.item.width + (line.kind === 'purchase' ? columns.quantity.width : 0);
  write(page, itemOf(page, line), { ...columns.item, width: itemWidth, y }, muted);
  const right = { ...muted, align: 'right' } as const;
  if (line.kind !== 'purchase') {
    const unit = words.units[isPackaged(line) ? 'package' : (line.unit ?? '')] ?? '';
    const quantity = isPackaged(line) ? line.priced : consumedQuantity(line);
    write(page, grouped(quantity), { ...columns.quantity, y }, right);
    write(page, `${grouped(shownPrice(line))} / ${unit}`, { ...columns.price, y }, right);
  }
  write(page, grouped(line.amount), { ...columns.amount, y }, { align: 'right' });
  rule(page, y + ROW - 3, columns.item.x);
  pdf.y = y + ROW;
}

/** What is special of the rate stands behind its direction: a resolution, an hour of cache, a size. */
function itemOf({ words }: Page, line: InvoiceLine): string {
  if (line.kind === 'purchase') {
    const days = line.service === undefined ? [] : Object.values(line.service);
    const kind = words.purchaseKinds[line.rate ?? ''] ?? '';
    return [`${kind} ${line.description}`.trim(), days.join(' – ')].filter(Boolean).join(' · ');
  }
  const direction = words.directions[line.direction ?? ''] ?? line.direction ?? '';
  const special = (line.rate ?? '').split('/').slice(2);
  const upTo = line.upTo === null ? [] : [words.upTo(grouped(String(line.upTo)))];
  const packed = isPackaged(line)
    ? [`${grouped(consumedQuantity(line))} × ${words.units[line.unit ?? ''] ?? ''}`]
    : [];
  return [direction, ...special, ...upTo, ...packed].join(' · ');
}
