/**
 * For tests: what a person reads in a PDF of ours, line by line from top to bottom. Reads only what our papers
 * have (ISO 32000-1: 7.3.8 streams, 9.4.3 TJ, 9.10.3 ToUnicode): fonts by glyph with a map back to letters.
 */
import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';

type Glyphs = ReadonlyMap<number, string>;
type Piece = Readonly<{ x: number; y: number; text: string }>;

export function readPdfText(pdf: Buffer): string {
  const objects = readObjects(pdf);
  const fonts = readFonts(objects);
  const pages = [...objects.values()].filter(({ head }) => /\/Type \/Page\b(?!s)/.test(head));
  assert.ok(pages.length > 0, 'a paper has a page');
  return pages
    .map(({ head }) => {
      const content = objects.get(reference(head, 'Contents'))?.stream ?? '';
      return linesOf(readPieces(content, fonts)).join('\n');
    })
    .join('\n\f\n');
}

type PdfObject = Readonly<{ head: string; stream: string }>;

function readObjects(pdf: Buffer): ReadonlyMap<number, PdfObject> {
  const objects = new Map<number, PdfObject>();
  const text = pdf.toString('latin1');
  for (const match of text.matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) {
    const [, id, body = ''] = match;
    const at = body.indexOf('\nstream\n');
    const head = at < 0 ? body : body.slice(0, at);
    const bytes = Buffer.from(body.slice(at + 8, body.lastIndexOf('\nendstream')), 'latin1');
    const isPacked = at >= 0 && head.includes('/FlateDecode') && !head.includes('/FontFile');
    const stream = at < 0 ? '' : (isPacked ? inflateSync(bytes) : bytes).toString('latin1');
    objects.set(Number(id), { head, stream });
  }
  return objects;
}

function reference(head: string, name: string): number {
  return Number(new RegExp(`/${name} (\\d+) 0 R`).exec(head)?.[1] ?? -1);
}

/** By the name that pages call a font: `F1`. */
function readFonts(objects: ReadonlyMap<number, PdfObject>): ReadonlyMap<string, Glyphs> {
  const fonts = new Map<string, Glyphs>();
  for (const { head } of objects.values()) {
    for (const [, name = '', id] of head.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const font = objects.get(Number(id));
      const map = objects.get(reference(font?.head ?? '', 'ToUnicode'))?.stream ?? '';
      fonts.set(name, readMap(map));
    }
  }
  return fonts;
}

/** `<from> <to> [<letters> …]`, one for each glyph. */
function readMap(map: string): Glyphs {
  const glyphs = new Map<number, string>();
  for (const [, from = '', letters = ''] of map.matchAll(/<(\w+)> <\w+> \[([^\]]*)\]/g)) {
    for (const [index, hex] of [...letters.matchAll(/<([\w ]*)>/g)].entries()) {
      const codes = (hex[1] ?? '').replaceAll(' ', '');
      const text = Buffer.from(codes, 'hex').swap16().toString('utf16le');
      glyphs.set(Number.parseInt(from, 16) + index, text);
    }
  }
  return glyphs;
}

/** What is drawn, and where: `cm` turns the page over, so y is counted from its foot. */
function readPieces(content: string, fonts: ReadonlyMap<string, Glyphs>): readonly Piece[] {
  const pieces: Piece[] = [];
  let glyphs: Glyphs = new Map();
  let [x, y] = [0, 0];
  for (const line of content.split('\n')) {
    const font = /^\/(F\d+) [\d.]+ Tf$/.exec(line);
    if (font !== null) glyphs = fonts.get(font[1] ?? '') ?? new Map();
    const place = /^1 0 0 1 ([\d.-]+) ([\d.-]+) Tm$/.exec(line);
    if (place !== null) [x, y] = [Number(place[1]), Number(place[2])];
    if (!line.endsWith('] TJ')) continue;
    const hex = [...line.matchAll(/<([0-9a-f]*)>/g)].map((match) => match[1] ?? '').join('');
    const codes = hex.match(/.{4}/g) ?? [];
    const text = codes.map((code) => glyphs.get(Number.parseInt(code, 16)) ?? '?').join('');
    pieces.push({ x, y, text });
  }
  return pieces;
}

/** What stands at one height is one line, and gaps are told by a bar. */
function linesOf(pieces: readonly Piece[]): readonly string[] {
  const lines = Map.groupBy(pieces, ({ y }) => Math.round(y));
  return [...lines]
    .toSorted(([left], [right]) => right - left)
    .map(([, of]) =>
      of
        .toSorted((left, right) => left.x - right.x)
        .map(({ text }) => text.trim())
        .filter((text) => text !== '')
        .join(' | '),
    )
    .filter((line) => line !== '');
}
