/** What people do at repositories beside writing to them: talk, ask for changes, like, collect. */
import type { CommitParts } from '../repositories/commits.ts';
import { type Collections, createCollections } from './collections.ts';
import { type Discussions, createDiscussions } from './discussions.ts';
import { type Likes, createLikes } from './likes.ts';
import { type Pulls, createPulls } from './pulls.ts';

export interface Community {
  readonly discussions: Discussions;
  readonly pulls: Pulls;
  readonly likes: Likes;
  readonly collections: Collections;
}

export function createCommunity(parts: CommitParts): Community {
  return {
    discussions: createDiscussions(parts),
    pulls: createPulls(parts),
    likes: createLikes(parts),
    collections: createCollections(parts),
  };
}
