/** Rows of a file, whatever its format: columns with their types, and pages of values. */
export type Column = Readonly<{ name: string; type: string }>;

export type RowSource = Readonly<{
  columns: readonly Column[];
  rowCount: number;
  /** Whether the file goes on behind these rows. */
  isCut: boolean;
  readRows: (start: number, end: number) => Promise<readonly (readonly unknown[])[]>;
}>;

/** Opens bytes of a file; the end is exclusive. */
export type ReadBytes = (start: number, end: number) => Promise<ArrayBuffer>;

/** A reason that is the reader's to know; `key` is a text of the console. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  readonly reason: 'codec' | 'group' | 'damaged' | 'noRows';
  readonly detail: string;

  constructor(reason: Unreadable['reason'], detail = '', cause?: unknown) {
    super(`The rows cannot be read: ${reason} ${detail}`, { cause });
    this.reason = reason;
    this.detail = detail;
  }
}

/** A table wider than this is no table to look at. */
export const COLUMNS_MAX = 200;
