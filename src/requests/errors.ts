/** What requests' settings are refused with, by code. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({ 'project.unknown': { status: 404 } });
