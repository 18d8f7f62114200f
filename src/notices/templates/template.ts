import type { NoticeKind } from '../kinds.ts';

/** `{field}` stands for a field of the notice's data; a line none of whose fields is there is left out. */
export type Template = Readonly<{
  subject: string;
  lines: readonly string[];
  /** Where the console shows it. */
  path: string;
}>;

/** A kind without a template is told to webhooks only. */
export type Templates = Readonly<Partial<Record<NoticeKind, Template>>>;
