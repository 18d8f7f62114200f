/**
 * Laws as programs that go through rows in small steps: each takes a page after a cursor and says where it
 * stopped, so that whoever runs them decides how much a minute costs, and goes on after a restart.
 */
import type { Database } from '#platform/database.ts';

export type Finding = Readonly<{
  /** Which law is broken. */
  law: string;
  /** The row at fault, so that a person can look at it. */
  subject: string;
  detail: string;
}>;

export type PageRequest = Readonly<{
  /** Where the last page stopped; null begins. */
  after: string | null;
  limit: number;
  nowMs: number;
}>;

export type LawPage = Readonly<{
  /** Rows looked at. */
  examined: number;
  /** Where to go on; null when this was the last page. */
  after: string | null;
  findings: readonly Finding[];
}>;

/** Everything of one kind that must hold. */
export type Law = Readonly<{
  /** One word or two, under which its runs are kept: `entries`. */
  name: string;
  /** What holds while it finds nothing, in one sentence. */
  says: string;
  /** Rows of one step, a few milliseconds of the database. */
  limit: number;
  page: (database: Database, request: PageRequest) => Promise<LawPage>;
  /**
   * A cursor before what changed lately, for whoever cannot go through everything each minute; absent where
   * rows are in no order of time, or few.
   */
  recent?: (database: Database, nowMs: number) => Promise<string | null>;
}>;

/** Findings listed at most per law; one fault often breaks thousands of rows and a hundred show its shape. */
export const FINDINGS_MAX = 100;

/** Of a page whose every row has an id: one that is not full is the last. */
export function pageOf(
  read: Readonly<{
    examined: number;
    limit: number;
    last: string | null;
    findings: readonly Finding[];
  }>,
): LawPage {
  const { examined, limit, last, findings } = read;
  return { examined, after: examined < limit ? null : last, findings };
}

/**
 * A page whose findings were seen twice. A page of several statements may read beside what is being written;
 * what is really wrong is still wrong a moment later.
 */
export async function surePage(
  database: Database,
  law: Law,
  request: Omit<PageRequest, 'limit'>,
): Promise<LawPage> {
  const asked = { ...request, limit: law.limit };
  const page = await law.page(database, asked);
  if (page.findings.length === 0) return page;
  const again = new Set((await law.page(database, asked)).findings.map(keyOf));
  return { ...page, findings: page.findings.filter((finding) => again.has(keyOf(finding))) };
}

function keyOf({ law, subject }: Finding): string {
  return `${law}\n${subject}`;
}

/** All pages of a law, one after the other. */
export async function runLaw(database: Database, law: Law, nowMs: number): Promise<LawPage> {
  const findings: Finding[] = [];
  let examined = 0;
  let after: string | null = null;
  do {
    const page = await surePage(database, law, { after, nowMs });
    examined += page.examined;
    findings.push(...page.findings);
    after = page.after;
  } while (after !== null);
  return { examined, after, findings: firstOfEach(findings) };
}

/** Not more than a hundred of a kind. */
export function firstOfEach(findings: readonly Finding[]): readonly Finding[] {
  const byLaw = Map.groupBy(findings, ({ law }) => law);
  return [...byLaw.values()].flatMap((each) => each.slice(0, FINDINGS_MAX));
}
