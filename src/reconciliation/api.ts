/** Public shapes of reconciliation: whether the books agree, law by law and row by row. */
import { z } from '@hono/zod-openapi';

const time = z.iso.datetime();

export const bookFindingSchema = z
  .object({
    /** The name of the law that found it. */
    law: z.string(),
    /** What should hold. */
    says: z.string(),
    /** The row at fault: `entry 12`, `event ten_…/req_…/0`, `account platform/revenue/CNY`. */
    subject: z.string(),
    /** What it says and what it should say. */
    detail: z.string(),
    firstSeenAt: time,
    lastSeenAt: time,
    /** When a run over everything no longer saw it; null while it is open. */
    resolvedAt: time.nullable(),
  })
  .openapi('BookFinding');
export type BookFinding = z.infer<typeof bookFindingSchema>;

export const bookLawSchema = z
  .object({
    name: z.string(),
    /** What holds while it finds nothing. */
    says: z.string(),
    /** `waiting`: no run over everything has ended yet; `failing`: it cannot be read at the moment. */
    state: z.enum(['ok', 'broken', 'waiting', 'failing']),
    /** Findings that are open. */
    findings: z.number().int(),
    /** When everything was last looked at, and how many rows that were. */
    lastRunAt: time.nullable(),
    lastRunMs: z.number().int().nullable(),
    examined: z.number().int(),
    /** When what changed lately was last looked at; null where the law has no such look. */
    recentAt: time.nullable(),
    /** Rows that the run under way has looked at; null between runs. */
    underWay: z.number().int().nullable(),
    problem: z.string().nullable(),
  })
  .openapi('BookLaw');
export type BookLaw = z.infer<typeof bookLawSchema>;

/** `POST /cloud/v1/books/checks`, `GET /cloud/v1/books/checks/{id}` */
export const bookCheckSchema = z
  .object({
    id: z.string(),
    /** `failed`: it could not be finished, which says nothing about the books. */
    state: z.enum(['running', 'done', 'failed']),
    /** True when it is done and every law holds. */
    holds: z.boolean(),
    lawsDone: z.number().int(),
    lawsTotal: z.number().int(),
    /** The law it is at; null when it ended. */
    law: z.string().nullable(),
    /** Rows looked at, of all laws. */
    examined: z.number().int(),
    /** Calls that were rated again. */
    events: z.number().int(),
    /** Records that fit nobody and wait for a person. */
    quarantined: z.number().int(),
    /** At most a hundred of a kind. */
    findings: z.array(z.object({ law: z.string(), subject: z.string(), detail: z.string() })),
    problem: z.string().nullable(),
    startedAt: time,
    endedAt: time.nullable(),
  })
  .openapi('BookCheck');
export type BookCheck = z.infer<typeof bookCheckSchema>;

/** `GET /cloud/v1/books` */
export const booksSchema = z
  .object({
    /** `waiting`: nothing is wrong so far, and not every law has been run over everything. */
    state: z.enum(['ok', 'broken', 'waiting']),
    laws: z.array(bookLawSchema),
    /** Open ones, the newest first. */
    findings: z.array(bookFindingSchema),
    /** The last that were resolved. */
    resolved: z.array(bookFindingSchema),
    /** The last check that somebody asked for. */
    check: bookCheckSchema.nullable(),
  })
  .openapi('Books');
export type Books = z.infer<typeof booksSchema>;
