/** What can go wrong when the books are asked after. */
import { defineErrors } from '#platform/error.ts';

export const fail = defineErrors({ 'books.check_unknown': { status: 404 } });
