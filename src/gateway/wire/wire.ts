/**
 * The port of a wire: how a caller's program speaks to us, and how an upstream speaks that is not an
 * engine of ours. In the middle stands one shape, OpenAI's, because every engine speaks it: a caller's
 * request is turned into it, answers are turned from it, and a foreign upstream is turned into it. Any
 * wire can therefore front any upstream, and a wire is written once and not once per upstream.
 *
 * Everything here is pure: values and bytes in, values and bytes out. Where caller and engine speak the
 * same dialect there is no encoder, and the engine's bytes pass through untouched.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { FlywheelError } from '#platform/error.ts';
import type { BodyMeter } from '../body-budget.ts';
import type { Owner, ResponseMemory } from '../responses/kept-response.ts';
import type { ParsedRequest } from './openai/request.ts';

/** What stands between a caller and its limits; null where there is no such limit. */
export type RateLimit = Readonly<{ limit: number; remaining: number; resetMs: number }>;
export type RateLimits = Readonly<{ requests: RateLimit | null; tokens: RateLimit | null }>;

/** How a caller is spoken to, whatever it asked. */
export type Dialect = Readonly<{
  name: 'openai' | 'anthropic' | 'dashscope';
  /** Names and values in turn, for every answer and error. */
  headers: (requestId: string) => readonly string[];
  rateLimitHeaders: (limits: RateLimits) => readonly string[];
  /** An error before anything was sent. */
  error: (error: FlywheelError, requestId: string) => Readonly<{ status: number; body: unknown }>;
  /** An error after the answer began: whole events, and nothing after them that could be taken for an end. */
  errorEvent: (error: FlywheelError, requestId: string) => string;
  /** A sign of life in a stream that is silent. */
  keepAlive: Buffer;
}>;

/** Disjoint: `input` is without what came from the engine's cache. */
export type PromptCount = Readonly<{ input: number; cacheRead: number }>;

/** One stream to the caller, made of the chunks of an engine. */
export interface StreamEncoder {
  /** What the prompt took, from an engine that says it before its answer. */
  announce?(prompt: PromptCount): void;
  /** Events for the caller from one chunk; `''` for none. */
  push(chunk: object): string;
  /** After the real end. What must be kept first is kept before the caller hears of the end. */
  end(): string | Promise<string>;
  /** In the place of `end`, when it failed after the answer began. */
  fail(error: FlywheelError): string;
  /** In the place of the dialect's own sign of life. */
  keepAlive?(): string;
}

/** Answers of one request, in the caller's dialect. */
export interface Encoder {
  /** From a whole answer of an engine to the body that the caller gets. */
  whole(answer: object): unknown;
  /** Anew for each attempt. */
  stream(): StreamEncoder;
}

export type CallInput = Readonly<{
  bytes: Buffer;
  headers: IncomingHttpHeaders;
  /** Path and query as they were sent. */
  url: string;
  requestId: string;
  caller: Owner;
  /** For wires whose requests go on from earlier answers. */
  responses: ResponseMemory;
  /** For what a wire reads beside the body. */
  room: BodyMeter;
  nowMs: number;
}>;

/** One request, read. */
export type Call = Readonly<{
  /** In OpenAI's shape, whatever the caller spoke. */
  request: ParsedRequest;
  /** Null where the engine's answer is already what the caller expects. */
  encoder: Encoder | null;
}>;

/** An address that calls a model. */
export type Endpoint = Readonly<{
  dialect: Dialect;
  /** Raises `invalid_json`, `invalid_value` and whatever else the dialect refuses. */
  read: (input: CallInput) => Call | Promise<Call>;
}>;

/** Bytes of a foreign upstream in, bytes of OpenAI's event stream out, `[DONE]` after a real end only. */
export interface UpstreamStream {
  push(chunk: Buffer): Buffer | null;
  /** The upstream has closed: what is still to be said. */
  end(): Buffer | null;
}

export type UpstreamCall = Readonly<{
  /** Beneath the upstream's address, `/v1/chat/completions` for one. */
  path: string;
  /** Names and values in turn; the key is among them. */
  headers: readonly string[];
  body: Buffer;
}>;

/** How an upstream is spoken to. */
export type UpstreamDialect = Readonly<{
  name: 'openai' | 'anthropic' | 'dashscope';
  /** Raises `unsupported_operation` for what this dialect has no word for. */
  call: (
    request: ParsedRequest,
    upstream: Readonly<{ model: string | null; key: string | null }>,
  ) => UpstreamCall;
  /** Null where whole answers are OpenAI's already; itself gives null where the bytes are no answer. */
  whole: ((bytes: Buffer) => Buffer | null) | null;
  /** Null where streams are OpenAI's already. */
  stream: (() => UpstreamStream) | null;
}>;
