/** Measures and colours of a paper, and the few shapes that its parts are drawn with. */
import type { CreditNoteDocument, InvoiceDocument, StatementDocument } from './document.ts';
import type { WORDS } from './words.ts';

export type Paper =
  | Readonly<{ kind: 'invoice'; document: InvoiceDocument }>
  | Readonly<{ kind: 'preview'; document: StatementDocument }>
  | Readonly<{ kind: 'credit_note'; document: CreditNoteDocument }>;

export type Page = Readonly<{ pdf: PDFKit.PDFDocument; words: (typeof WORDS)['en'] }>;

/** In points, of A4's 595 × 842. */
export const MARGIN = 50;

export const SIZES = { title: 24, large: 15, text: 9.5, small: 8, footer: 24 } as const;

export const COLOURS = {
  ink: '#16181d',
  muted: '#5b616e',
  faint: '#8b919e',
  line: '#dfe2e8',
  band: '#f4f5f8',
  accent: '#3b5bdb',
} as const;

export type TextStyle = Readonly<{
  font?: 'regular' | 'bold';
  size?: number;
  colour?: string;
  align?: 'left' | 'right';
}>;

/** One line in a box; what does not fit ends in an ellipsis. */
export function write(
  { pdf }: Page,
  text: string,
  box: Readonly<{ x: number; y: number; width: number }>,
  style: TextStyle = {},
): void {
  const { font = 'regular', size = SIZES.text, colour = COLOURS.ink, align = 'left' } = style;
  pdf.font(font).fontSize(size).fillColor(colour);
  const shown = fitted(pdf, text, box.width);
  const x = align === 'right' ? box.x + box.width - pdf.widthOfString(shown) : box.x;
  pdf.text(shown, x, box.y, { lineBreak: false });
}

export function rule({ pdf }: Page, y: number, from = MARGIN, to = pdf.page.width - MARGIN): void {
  pdf.moveTo(from, y).lineTo(to, y).lineWidth(0.6).strokeColor(COLOURS.line).stroke();
}

export function contentWidth({ pdf }: Page): number {
  return pdf.page.width - 2 * MARGIN;
}

/** Where the content of a page ends. */
export function bottomOf({ pdf }: Page): number {
  return pdf.page.height - MARGIN - SIZES.footer;
}

function fitted(pdf: PDFKit.PDFDocument, text: string, width: number): string {
  if (pdf.widthOfString(text) <= width) return text;
  const letters = [...text];
  let [fits, tooLong] = [0, letters.length];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    const isFitting = pdf.widthOfString(`${letters.slice(0, middle).join('')}…`) <= width;
    if (isFitting) fits = middle;
    else tooLong = middle;
  }
  return `${letters.slice(0, fits).join('')}…`;
}
