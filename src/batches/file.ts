/** What a file may be. Pure. Limits are ours where OpenAI's would fill a small machine's disk. */
import { fail } from './errors.ts';

/** What callers may upload; what batches write has a purpose of its own. */
export const UPLOAD_PURPOSES = ['batch', 'user_data'] as const;
export type UploadPurpose = (typeof UPLOAD_PURPOSES)[number];
export type FilePurpose = UploadPurpose | 'batch_output';

const MIB = 1024 * 1024;

/** OpenAI's own limit for the input of a batch. */
export const FILE_BYTES_MAX = 200 * MIB;
/** The form around a file: its fields and boundaries. */
export const FORM_BYTES_MAX = 64 * 1024;
/** A hundred of the largest files; a project that needs more deletes what it has read. */
export const PROJECT_BYTES_MAX = 100 * FILE_BYTES_MAX;
export const PROJECT_FILES_MAX = 10_000;

const NAME_CHARACTERS_MAX = 255;
/** OpenAI's bounds of `expires_after`. */
const EXPIRY_SECONDS_MIN = 3_600;
const EXPIRY_SECONDS_MAX = 2_592_000;
/** Results are personal data and nobody deletes them by hand. */
export const OUTPUT_EXPIRY_SECONDS = EXPIRY_SECONDS_MAX;

export type StoredFile = Readonly<{
  id: string;
  tenantId: string;
  projectId: string;
  purpose: FilePurpose;
  name: string;
  sizeBytes: number;
  createdAt: Date;
  expiresAt: Date | null;
}>;

/** Raises `file_purpose_invalid`. */
export function parsePurpose(value: string | undefined): UploadPurpose {
  const purpose = UPLOAD_PURPOSES.find((known) => known === value);
  if (purpose !== undefined) return purpose;
  const names = UPLOAD_PURPOSES.join(' or ');
  throw fail('file_purpose_invalid', `purpose should be ${names}.`, { param: 'purpose' });
}

export type ExpiresAfter = Readonly<{ anchor: unknown; seconds: unknown }>;

/** Seconds, or null where the caller said nothing. Raises `file_expiry_invalid`. */
export function parseExpiry(after: ExpiresAfter): number | null {
  if (after.anchor === undefined && after.seconds === undefined) return null;
  const seconds = typeof after.seconds === 'string' ? Number(after.seconds) : after.seconds;
  const isWhole = typeof seconds === 'number' && Number.isInteger(seconds);
  if (
    after.anchor !== 'created_at' ||
    !isWhole ||
    seconds < EXPIRY_SECONDS_MIN ||
    seconds > EXPIRY_SECONDS_MAX
  ) {
    throw fail(
      'file_expiry_invalid',
      `expires_after wants the anchor created_at and ${EXPIRY_SECONDS_MIN} to ${EXPIRY_SECONDS_MAX} seconds.`,
      { param: 'expires_after' },
    );
  }
  return seconds;
}

/** A name to show, never a path: the last part of what the caller sent, without control characters. */
export function cleanName(filename: string): string {
  const last = filename.split(/[/\\]/).at(-1) ?? '';
  // oxlint-disable-next-line no-control-regex -- control characters are what must go
  const plain = last.toWellFormed().replaceAll(/[\u0000-\u001f\u007f]/g, '');
  return plain.slice(0, NAME_CHARACTERS_MAX) || 'file';
}

export function objectKeyOf(file: Readonly<{ id: string }>): string {
  return `files/${file.id}`;
}

export function tooLarge(): Error {
  return fail('file_too_large', `A file has at most ${FILE_BYTES_MAX} bytes (200 MiB).`, {
    param: 'file',
  });
}
