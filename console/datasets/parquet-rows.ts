/** Rows of a Parquet file: its end is read first, then only the columns' bytes of the rows that are looked at. */
import { decompress } from 'fzstd';
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet';
import { ApiError } from '#client/api-error.ts';
import {
  COLUMNS_MAX,
  type Column,
  type ReadBytes,
  type RowSource,
  Unreadable,
} from './row-source.ts';

/** Rows lie in groups that are read whole; one that is larger would fill the page's memory. */
const GROUP_BYTES_MAX = 192 * 1024 * 1024;
const CODECS = new Set(['UNCOMPRESSED', 'SNAPPY', 'ZSTD']);

/** Raises `Unreadable` for what is no Parquet, and for codecs that no browser has. */
export async function openParquet(read: ReadBytes, sizeBytes: number): Promise<RowSource> {
  const file = rememberBytes(read, sizeBytes);
  const metadata = await orDamaged(parquetMetadataAsync(file));
  const codec = codecsOf(metadata).find((name) => !CODECS.has(name));
  if (codec !== undefined) throw new Unreadable('codec', codec);
  const columns = parquetSchema(metadata).children.slice(0, COLUMNS_MAX).map(columnOf);
  const names = columns.map(({ name }) => name);
  return {
    columns,
    rowCount: Number(metadata.num_rows),
    isCut: false,
    readRows: async (start, end) => {
      requireSmallGroups(metadata, start, end);
      const rows = await orDamaged(
        parquetReadObjects({
          file,
          metadata,
          columns: names,
          rowStart: start,
          rowEnd: end,
          rowFormat: 'object',
          useOffsetIndex: true,
          // Bytes that are not said to be text stay bytes: they may be pictures.
          utf8: false,
          compressors: { ZSTD: (input, size) => decompress(input, new Uint8Array(size)) },
        }),
      );
      return rows.map((row) => names.map((name): unknown => row[name]));
    },
  };
}

/** What the reader stumbles over is the file; what the hub refuses is said as it is. */
async function orDamaged<Value>(reading: Promise<Value>): Promise<Value> {
  try {
    return await reading;
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    throw new Unreadable('damaged', '', cause);
  }
}

function codecsOf({ row_groups: groups }: FileMetaData): readonly string[] {
  return groups.flatMap(({ columns }) =>
    columns.flatMap(({ meta_data: data }) => data?.codec ?? []),
  );
}

function requireSmallGroups(
  { row_groups: groups }: FileMetaData,
  start: number,
  end: number,
): void {
  let first = 0;
  for (const { num_rows: rows, columns } of groups) {
    const last = first + Number(rows);
    const isRead = first < end && last > start;
    const bytes = columns.reduce(
      (sum, { meta_data: data }) => sum + Number(data?.total_compressed_size ?? 0),
      0,
    );
    // With an index of its pages a group is read in pieces.
    const hasIndex = columns.every(({ offset_index_offset: index }) => index !== undefined);
    if (isRead && !hasIndex && bytes > GROUP_BYTES_MAX)
      throw new Unreadable('group', String(bytes));
    first = last;
  }
}

type SchemaNode = ReturnType<typeof parquetSchema>;

function columnOf({ element, children }: SchemaNode): Column {
  const logical = element.logical_type?.type ?? element.converted_type;
  return { name: element.name, type: typeName(logical, element.type, children) };
}

const NAMES: Readonly<Record<string, string>> = {
  STRING: 'string',
  UTF8: 'string',
  BOOLEAN: 'bool',
  INT32: 'int',
  INT64: 'int',
  FLOAT: 'float',
  DOUBLE: 'float',
  BYTE_ARRAY: 'bytes',
  FIXED_LEN_BYTE_ARRAY: 'bytes',
};

function typeName(
  logical: string | undefined,
  physical: string | undefined,
  children: readonly SchemaNode[],
): string {
  if (logical !== undefined && !/^U?INT/.test(logical)) {
    return NAMES[logical] ?? logical.toLowerCase().replace(/_(?:millis|micros|nanos)$/, '');
  }
  if (physical !== undefined) return NAMES[physical] ?? physical.toLowerCase();
  return children.length > 0 ? 'struct' : '?';
}

/** What was read stays at hand: the reader asks for the file's end twice. */
function rememberBytes(read: ReadBytes, byteLength: number): AsyncBuffer {
  const known = new Map<string, Promise<ArrayBuffer>>();
  return {
    byteLength,
    slice: (start, end = byteLength) => {
      const from = start < 0 ? byteLength + start : start;
      const to = Math.min(end, byteLength);
      const key = `${from}-${to}`;
      const bytes = known.get(key) ?? read(from, to);
      // Pages of rows that were left are not kept for ever.
      if (known.size > KEPT_MAX) known.clear();
      known.set(key, bytes);
      return bytes;
    },
  };
}

const KEPT_MAX = 64;
