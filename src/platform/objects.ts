/**
 * The object-store port: named, immutable runs of bytes (blobs of the hub, later artefacts). An
 * object is staged first: bytes are appended to a named stage while their SHA-256 is computed, the
 * stage can be read back and checked, and only `commit` makes it visible under a key, whole or not
 * at all. A stage survives its process, so a broken download goes on where it ended. Every adapter
 * passes `objects/contract.ts`; an adapter for a remote store stages on local disk and uploads at
 * commit.
 */
import { defineErrors } from './error.ts';

export const failStorage = defineErrors({
  'storage.full': { status: 507 },
  'storage.key_invalid': { status: 500 },
  'storage.unavailable': { status: 503 },
});

export type ObjectInfo = Readonly<{ key: string; sizeBytes: number; modifiedAtMs: number }>;

/** Bytes `[start, end)`; without `end` to the end of the object. */
export type ByteRange = Readonly<{ start: number; end?: number }>;

export type Bytes = AsyncIterable<Uint8Array>;

export type AppendOptions = Readonly<{
  signal?: AbortSignal;
  /** The stage's size after each piece. */
  onProgress?: (sizeBytes: number) => void;
}>;

/** Bytes on their way to becoming an object. Used by one caller at a time. */
export interface Stage {
  readonly sizeBytes: number;
  /** Appends all of `source`; what arrived before a failure stays. Raises `storage.full`. */
  append(source: Bytes, options?: AppendOptions): Promise<void>;
  /** Starts again from nothing. */
  reset(): Promise<void>;
  /** SHA-256 of the bytes so far, hex. */
  sha256(): string;
  /** Fewer bytes than asked for only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Makes the bytes durable and visible under `key`, replacing what was there. Ends the stage. */
  commit(key: string): Promise<void>;
  /** Ends the stage and keeps its bytes for the next `stage` of the same name. */
  close(): Promise<void>;
  /** Ends the stage and forgets its bytes. */
  discard(): Promise<void>;
}

export interface ObjectStore {
  /** Opens or goes on with the stage of this name. Raises `storage.full` if `expectedBytes` cannot fit. */
  stage(name: string, expectedBytes?: number): Promise<Stage>;
  /** Stages that exist, with the time of their last byte. */
  listStages(): Promise<readonly ObjectInfo[]>;
  /** Forgets a stage that nobody has open; silent when there is none. */
  discardStage(name: string): Promise<void>;
  /** Null when there is no such object. */
  read(key: string, range?: ByteRange): Promise<Bytes | null>;
  stat(key: string): Promise<ObjectInfo | null>;
  /** Silent when there is no such object. */
  remove(key: string): Promise<void>;
  /** Objects whose key starts with `prefix`, in no order. */
  list(prefix: string): AsyncIterable<ObjectInfo>;
  /** Where the object lies on this machine, or null when the store is not a folder here. */
  localPath(key: string): string | null;
}

/** Keys are plain relative paths; anything else is a mistake in the caller. */
const KEY = /^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/;
const KEY_LENGTH_MAX = 200;

/** Raises `storage.key_invalid`. */
export function requireKey(key: string): string {
  if (key.length <= KEY_LENGTH_MAX && KEY.test(key)) return key;
  throw failStorage('storage.key_invalid', 'An object key is lower-case words joined by slashes.');
}
