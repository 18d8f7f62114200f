/**
 * The feed as this gateway knows it now. One writer (the follower), many readers; who must act on a
 * change (keys to forget, requests that wait for a replica) subscribes.
 */
import type { Clock } from '#platform/clock.ts';
import { EMPTY_FEED, type Feed } from './feed.ts';
import { type FeedView, createFeedView } from './feed-view.ts';

export type FeedChange = Readonly<{ view: FeedView; feed: Feed; before: Feed }>;

export type FeedState = Readonly<{
  view: () => FeedView;
  feed: () => Feed;
  replace: (feed: Feed) => void;
  /** Control was heard: what we know is what it knows. */
  heard: () => void;
  ageSeconds: () => number;
  subscribe: (listener: (change: FeedChange) => void) => void;
}>;

export function createFeedState(clock: Clock, initial: Feed = EMPTY_FEED): FeedState {
  const listeners: ((change: FeedChange) => void)[] = [];
  let feed = initial;
  let view = createFeedView(initial);
  let heardAtMs = clock.monotonicMs();
  return {
    view: () => view,
    feed: () => feed,
    replace: (next) => {
      const before = feed;
      feed = next;
      view = createFeedView(next);
      for (const listener of listeners) listener({ view, feed, before });
    },
    heard: () => {
      heardAtMs = clock.monotonicMs();
    },
    ageSeconds: () => (clock.monotonicMs() - heardAtMs) / 1000,
    subscribe: (listener) => {
      listeners.push(listener);
    },
  };
}
