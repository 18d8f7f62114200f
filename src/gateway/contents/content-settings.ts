/** What a project has said about keeping prompts and answers, as the feed carries it. */
export type ContentSettings = Readonly<{
  tenantId: string;
  projectId: string;
  /** Of the prompt, and as many of the answer. */
  bytesMax: number;
}>;

export const contentKey = (tenantId: string, projectId: string): string =>
  `${tenantId}/${projectId}`;
