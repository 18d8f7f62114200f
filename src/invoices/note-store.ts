/** SQL of credit notes. */
import { type Database, sql } from '#platform/database.ts';

export type StoredNote = Readonly<{
  tenantId: string;
  id: string;
  number: string;
  invoiceId: string;
  totalPico: bigint;
  taxPico: bigint;
  issuedAtMs: number;
  entryId: number;
  document: string;
}>;

type Row = Omit<StoredNote, 'totalPico' | 'taxPico' | 'issuedAtMs'> &
  Readonly<{ total: string; tax: string; issuedAt: Date }>;

const columns = sql`tenant_id as "tenantId", id, number, invoice_id as "invoiceId", total_pico as total,
  tax_pico as tax, issued_at as "issuedAt", entry_id as "entryId", document`;

export type NewNote = StoredNote &
  Readonly<{ idempotencyKey: string; sha256: Buffer; createdBy: string | null }>;

export async function insertNote(tx: Database, note: NewNote): Promise<void> {
  await sql`insert into credit_notes (tenant_id, id, number, invoice_id, idempotency_key, total_pico,
      tax_pico, issued_at, entry_id, document, document_sha256, created_by)
    values (${note.tenantId}, ${note.id}, ${note.number}, ${note.invoiceId}, ${note.idempotencyKey},
      ${note.totalPico.toString()}::numeric, ${note.taxPico.toString()}::numeric,
      ${new Date(note.issuedAtMs)}, ${note.entryId}, ${note.document}, ${note.sha256},
      ${note.createdBy})`.execute(tx);
}

export async function selectNoteByKey(
  tx: Database,
  at: Readonly<{ tenantId: string; idempotencyKey: string }>,
): Promise<StoredNote | null> {
  const { rows } = await sql<Row>`select ${columns} from credit_notes
    where tenant_id = ${at.tenantId} and idempotency_key = ${at.idempotencyKey}`.execute(tx);
  const row = rows[0];
  return row === undefined ? null : toNote(row);
}

export async function selectNote(
  database: Database,
  at: Readonly<{ tenantId: string | null; id: string }>,
): Promise<StoredNote | null> {
  const { rows } = await sql<Row>`select ${columns} from credit_notes
    where (id = ${at.id} or number = ${at.id})
      and (${at.tenantId}::text is null or tenant_id = ${at.tenantId}::text)`.execute(database);
  const row = rows[0];
  return row === undefined ? null : toNote(row);
}

/** Of one invoice; each is at least a coin, and a hundred are already too many to read. */
const NOTES_MAX = 1_000;

export async function selectNotes(
  database: Database,
  at: Readonly<{ tenantId: string; invoiceId: string }>,
): Promise<readonly StoredNote[]> {
  const { rows } = await sql<Row>`select ${columns} from credit_notes
    where tenant_id = ${at.tenantId} and invoice_id = ${at.invoiceId}
    order by issued_at, id limit ${NOTES_MAX}`.execute(database);
  return rows.map(toNote);
}

function toNote({ total, tax, issuedAt, ...rest }: Row): StoredNote {
  return {
    ...rest,
    totalPico: BigInt(total),
    taxPico: BigInt(tax),
    issuedAtMs: issuedAt.getTime(),
  };
}
