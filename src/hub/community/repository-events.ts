/**
 * What happens at repositories, told in the transaction it happens in to whoever listens: today the
 * webhooks that watch them.
 */
import type { Database } from '#platform/database.ts';
import type { ModelRow } from '../store.ts';

export type EventRepository = Pick<
  ModelRow,
  'id' | 'tenantId' | 'kind' | 'owner' | 'name' | 'visibility'
>;

export type RepositoryEvent = Readonly<{ row: EventRepository }> &
  (
    | Readonly<{ kind: 'created' | 'removed' | 'settings' }>
    /** `to` is its new `owner/name`; the row still has the old one. */
    | Readonly<{ kind: 'moved'; to: string }>
    /** A branch, a tag or a pull request stands elsewhere; null is nowhere. */
    | Readonly<{
        kind: 'content';
        ref: string;
        oldRevisionId: string | null;
        revisionId: string | null;
      }>
    | Readonly<{ kind: 'discussion'; action: 'create' | 'update'; num: number }>
    | Readonly<{ kind: 'comment'; action: 'create' | 'update'; num: number; commentId: string }>
  );

export type RepositoryListener = (tx: Database, event: RepositoryEvent) => Promise<void>;
