/** Small files that come along inside a request: staged as they are read, kept before a commit names them. */
import { randomUUID } from 'node:crypto';
import type { Stage } from '#platform/objects.ts';
import { failHub } from '../errors.ts';
import { REGULAR_BYTES_MAX } from '../git/regular.ts';
import type { Change } from '../repositories/commit-plan.ts';
import type { Viewer } from '../repositories/access.ts';
import type { Repository } from '../repositories/repositories.ts';
import { gitObjectId } from '../wire/huggingface/git-object.ts';
import type { Face } from './parts.ts';

export type InlineFile = Readonly<{ path: string; content: string }>;

export type InlineFiles = Readonly<{
  /** Raises `commit.invalid` for what is no base64. */
  add: (file: InlineFile) => Promise<void>;
  /** Makes them bytes that the tenant may name, in the order they came. */
  keep: () => Promise<readonly Change[]>;
  /** Forgets what was not kept. */
  discard: () => Promise<void>;
}>;

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** Files that one transaction makes visible; each waits for the disk. */
const KEEP_BATCH = 100;

export function createInlineFiles({ hub }: Pick<Face, 'hub'>, tenantId: string): InlineFiles {
  const request = randomUUID();
  const staged: { path: string; stage: Stage; gitOid: string | null }[] = [];
  return {
    add: async ({ path, content }) => {
      if (!BASE64.test(content)) {
        throw failHub('commit.invalid', `The content of ${path.slice(0, 200)} is not base64.`);
      }
      const stage = await hub.uploads.stage(`inline-${request}-${staged.length}`);
      const bytes = Buffer.from(content, 'base64');
      const gitOid = bytes.length <= REGULAR_BYTES_MAX ? gitObjectId('blob', bytes) : null;
      staged.push({ path, stage, gitOid });
      await stage.append(once(bytes));
    },
    keep: async () => {
      const changes: Change[] = [];
      for (let from = 0; from < staged.length; from += KEEP_BATCH) {
        const some = staged.slice(from, from + KEEP_BATCH);
        const kept = await hub.uploads.keep(
          tenantId,
          some.map(({ stage }) => stage),
        );
        for (const [index, file] of kept.entries()) {
          const { path = '', gitOid = null } = some[index] ?? {};
          changes.push({ kind: 'put', path, ...file, ...(gitOid !== null && { gitOid }) });
        }
      }
      staged.length = 0;
      return changes;
    },
    discard: async () => {
      for (const { stage } of staged) await stage.discard();
    },
  };
}

/** A commit of some files on main. */
export async function commitInline(
  face: Face,
  made: Readonly<{
    viewer: Viewer;
    repository: Repository;
    author: string;
    files: readonly InlineFile[];
    message: string;
  }>,
): Promise<void> {
  const { viewer, repository, author, message } = made;
  const inline = createInlineFiles(face, viewer.tenantId);
  try {
    for (const file of made.files) await inline.add(file);
    const changes = await inline.keep();
    const asked = { revision: 'main', parentId: null, message, author, changes } as const;
    await face.hub.history.commit(viewer, repository, { ...asked, target: 'branch' });
  } finally {
    await inline.discard();
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
