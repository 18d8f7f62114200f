/**
 * A paper as PDF, in the language of the tenant. Bytes depend on the document alone: the dates inside are its
 * own, names of things are not drawn by chance, and the font comes along, so a paper made again years later
 * on another machine is the same file.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Pdf from 'pdfkit';
import { drawHeader, drawParties } from './pdf-header.ts';
import { drawNoteSummary, drawSummary } from './pdf-summary.ts';
import { drawTable } from './pdf-table.ts';
import { COLOURS, MARGIN, type Page, type Paper, SIZES } from './pdf-page.ts';
import { unwrapWoff } from './woff.ts';
import { WORDS } from './words.ts';

export async function renderPdf(paper: Paper): Promise<Buffer> {
  const { document } = paper;
  const words = WORDS[document.language];
  const number = 'number' in document ? document.number : words.preview;
  const pdf = new Pdf({
    size: 'A4',
    margins: { top: MARGIN, bottom: MARGIN + SIZES.footer, left: MARGIN, right: MARGIN },
    bufferPages: true,
    lang: document.language,
    info: {
      Title: number,
      Author: document.seller.name,
      Producer: 'Flywheel',
      Creator: 'Flywheel',
      CreationDate: new Date(`${document.issuedOn}T00:00:00Z`),
    },
  });
  const ended = collect(pdf);
  pdf.registerFont('regular', await readFont(400));
  pdf.registerFont('bold', await readFont(700));
  const page: Page = { pdf, words };
  drawHeader(page, paper, number);
  drawParties(page, document);
  if (paper.kind === 'credit_note') drawNoteSummary(page, paper.document);
  else {
    drawTable(page, paper.document);
    drawSummary(page, paper.document);
  }
  drawFooters(page, number);
  pdf.end();
  return ended;
}

function drawFooters({ pdf, words }: Page, number: string): void {
  const { count } = pdf.bufferedPageRange();
  for (let index = 0; index < count; index += 1) {
    pdf.switchToPage(index);
    const bottom = pdf.page.height - MARGIN;
    // What stands under the margin would begin a page of its own.
    pdf.page.margins.bottom = 0;
    pdf.font('regular').fontSize(SIZES.small).fillColor(COLOURS.faint);
    pdf.text(number, MARGIN, bottom, { lineBreak: false });
    pdf.text(words.page(index + 1, count), MARGIN, bottom, {
      width: pdf.page.width - 2 * MARGIN,
      align: 'right',
      lineBreak: false,
    });
  }
}

function collect(pdf: PDFKit.PDFDocument): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
  pdf.on('end', () => resolve(Buffer.concat(chunks)));
  pdf.on('error', reject);
  return promise;
}

/** Of the one family that has both Latin and Chinese; only the glyphs of a paper go into it. */
async function readFont(weight: 400 | 700): Promise<Buffer> {
  const file = `noto-sans-sc-chinese-simplified-${weight}-normal.woff`;
  return unwrapWoff(await readFile(join(import.meta.dirname, 'fonts', file)));
}
