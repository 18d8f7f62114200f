/** What git's door says no with. */
import { defineErrors } from '#platform/error.ts';

export const failGit = defineErrors({
  'git.missing': { status: 501 },
  'git.busy': { status: 503, retryable: true },
  'git.request_invalid': { status: 400 },
  'git.too_large': { status: 413 },
  'git.failed': { status: 500 },
  /** A push, in the words that its sender reads. */
  'git.refused': { status: 403 },
});
