/** What requests' settings are refused with, by code. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({
  'project.unknown': { status: 404 },
  'content.unknown': { status: 404 },
  'content.unreadable': { status: 500 },
});
