/** One line of a batch's input, checked, and one of its output, written. Pure. */
import { isUtf8 } from 'node:buffer';
import type { BatchEndpoint, BatchError } from './api.ts';

/** OpenAI's own. */
export const LINES_MAX = 50_000;
/** What the front door takes by default; a larger call would be refused there one by one. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;
const CUSTOM_ID_CHARACTERS_MAX = 512;

export type InputLine = Readonly<{ customId: string; model: string; body: string }>;

/** A line, or what is wrong with it. Never quotes it: it holds a prompt. */
export function parseLine(
  bytes: Uint8Array,
  line: number,
  endpoint: BatchEndpoint,
): InputLine | BatchError {
  if (!isUtf8(bytes)) return wrong('invalid_json_line', 'The line is not valid UTF-8.', line);
  const value = parseJson(Buffer.from(bytes).toString('utf8'));
  if (!isObject(value)) {
    return wrong('invalid_json_line', 'The line is not valid JSON: it should be an object.', line);
  }
  const { custom_id: customId, method, url, body } = value;
  if (typeof customId !== 'string' || customId === '') {
    return wrong('missing_required_parameter', 'custom_id should be a string.', line, 'custom_id');
  }
  if (customId.length > CUSTOM_ID_CHARACTERS_MAX || !isStorable(customId)) {
    const message = `custom_id has at most ${CUSTOM_ID_CHARACTERS_MAX} characters and no NUL.`;
    return wrong('invalid_custom_id', message, line, 'custom_id');
  }
  if (method !== 'POST') return wrong('invalid_method', 'method should be POST.', line, 'method');
  if (url !== endpoint) {
    return wrong('mismatched_endpoint', `url should be ${endpoint}, as of the batch.`, line, 'url');
  }
  if (!isObject(body)) {
    return wrong('invalid_request', 'body should be an object.', line, 'body');
  }
  const { model, stream } = body;
  if (typeof model !== 'string' || model === '') {
    return wrong('missing_required_parameter', 'body.model should be a name.', line, 'body.model');
  }
  if (stream === true) {
    return wrong('invalid_request', 'A batch does not stream.', line, 'body.stream');
  }
  // The tier is the batch's: what the caller asks for here cannot be had.
  const { service_tier: _tier, ...rest } = body;
  return { customId, model, body: JSON.stringify(rest) };
}

export function isLine(parsed: InputLine | BatchError): parsed is InputLine {
  return 'customId' in parsed;
}

export function wrong(
  code: string,
  message: string,
  line: number | null,
  param: string | null = null,
): BatchError {
  return { code, message, param, line };
}

/** What became of a line. `answer` is the body's JSON as it came. */
export type LineEnd = Readonly<{
  requestId: string;
  customId: string;
  /** Null where it was never answered. */
  status: number | null;
  answer: string | null;
}>;

export type Unanswered = Readonly<{ code: string; message: string }>;

/** One line of the output or error file. The answer goes in as it is, so that no digit of it changes. */
export function outputLine(end: LineEnd, unanswered: Unanswered): string {
  const id = JSON.stringify(`batch_req_${end.requestId.replace(/^batch_/, '')}`);
  const head = `{"id":${id},"custom_id":${JSON.stringify(end.customId)}`;
  if (end.status === null) {
    return `${head},"response":null,"error":${JSON.stringify(unanswered)}}\n`;
  }
  const requestId = JSON.stringify(end.requestId);
  const body = end.answer ?? 'null';
  return `${head},"response":{"status_code":${end.status},"request_id":${requestId},"body":${body}},"error":null}\n`;
}

/** A body that can stand inside a line: JSON without line ends, else a string of it. */
export function asJsonLine(text: string): string {
  const value = parseJson(text);
  if (value === undefined) return JSON.stringify(text.toWellFormed().replaceAll('\0', ''));
  // Only the blanks between values may be line ends; a string has them escaped.
  return /[\r\n]/.test(text) ? JSON.stringify(value) : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Said to the caller as what it is: not JSON.
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
