/**
 * A body of `multipart/form-data`, read where it lies: which field or file stands where. Pure. A file of
 * megabytes is not copied to find the name of a model in front of it or behind. RFC 7578 and RFC 2046
 * section 5.1.
 */
import { failRequest } from '../../errors.ts';

export type FormPart = Readonly<{
  name: string;
  isFile: boolean;
  /** Of the content, in the body. */
  from: number;
  to: number;
}>;

/** OpenAI's own forms have fewer than ten. */
const PARTS_MAX = 100;
const HEAD_BYTES_MAX = 8 * 1024;

/** Raises `invalid_value`. */
export function parseForm(bytes: Buffer, contentType: string): FormPart[] {
  const found = /^multipart\/form-data\s*;.*?boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  const boundary = found?.[1] ?? found?.[2];
  if (boundary === undefined) throw invalid('should be multipart/form-data with a boundary');
  const parts: FormPart[] = [];
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first delimiter has no line end before it.
  let at = bytes.indexOf(delimiter.subarray(2));
  if (at === -1) throw invalid('has no parts');
  at += delimiter.length - 2;
  while (bytes.toString('latin1', at, at + 2) !== '--') {
    const headEnd = bytes.indexOf('\r\n\r\n', at);
    const end = bytes.indexOf(delimiter, headEnd);
    if (headEnd === -1 || end === -1 || headEnd - at > HEAD_BYTES_MAX) throw invalid('is cut off');
    parts.push(partOf(bytes.toString('utf8', at, headEnd), headEnd + 4, end));
    if (parts.length > PARTS_MAX) throw invalid(`has more than ${PARTS_MAX} parts`);
    at = end + delimiter.length;
  }
  return parts;
}

/** A field's text, or null where it is not there. */
export function formText(bytes: Buffer, parts: readonly FormPart[], name: string): string | null {
  const part = parts.find((one) => one.name === name && !one.isFile);
  return part === undefined ? null : bytes.toString('utf8', part.from, part.to);
}

/** The same body with another text in a field. */
export function withFormText(
  bytes: Buffer,
  parts: readonly FormPart[],
  [name, text]: readonly [string, string],
): Buffer {
  const part = parts.find((one) => one.name === name && !one.isFile);
  if (part === undefined) return bytes;
  return Buffer.concat([bytes.subarray(0, part.from), Buffer.from(text), bytes.subarray(part.to)]);
}

/** A form with the engine's own name of the model. */
export function formNaming(bytes: Buffer, contentType: string, model: string): Buffer {
  return withFormText(bytes, parseForm(bytes, contentType), ['model', model]);
}

function partOf(head: string, from: number, to: number): FormPart {
  const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(head)?.[1] ?? '';
  const name = /(?:^|[;\s])name="([^"]*)"/i.exec(disposition)?.[1];
  if (name === undefined) throw invalid('has a part without a name');
  return { name, isFile: /filename\*?=/i.test(disposition), from, to };
}

function invalid(what: string): Error {
  return failRequest('invalid_value', `The body ${what}.`);
}
