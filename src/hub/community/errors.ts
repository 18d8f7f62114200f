/** Errors of discussions, pull requests, likes, collections and the webhooks of repositories. */
import { defineErrors } from '#platform/error.ts';

export const failCommunity = defineErrors({
  'discussion.unknown': { status: 404 },
  'discussion.invalid': { status: 400 },
  'discussion.locked': { status: 403 },
  'discussion.not_yours': { status: 403 },
  'discussion.full': { status: 409 },
  'discussion.too_fast': { status: 429, retryable: true },
  'comment.unknown': { status: 404 },
  'pull.not_open': { status: 409 },
  'pull.conflicts': { status: 409 },
  'like.too_many': { status: 403 },
  'collection.unknown': { status: 404 },
  'collection.exists': { status: 409 },
  'collection.too_many': { status: 403 },
  'collection.item_exists': { status: 409 },
  'collection.item_unknown': { status: 404 },
  'watch.invalid': { status: 400 },
  'watch.unknown': { status: 404 },
});
