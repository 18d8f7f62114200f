/** What an answer shows that its request used beside tokens, bounded by what was held for. Pure. */
import type { ParsedRequest } from '../wire/openai/request.ts';
import { type Clamped, isUnitOperation, usedIn, within } from './units.ts';

type Asked = Pick<ParsedRequest, 'operation' | 'expected' | 'known'>;

/** `answer` is null where it is no JSON; then the request's own measure counts. */
export function usedBeside(
  { operation, expected, known }: Asked,
  answer: object | null,
): Readonly<{ other?: Clamped }> {
  if (expected === undefined || !isUnitOperation(operation)) return {};
  const said = answer === null ? null : usedIn(operation, answer);
  const used = said === null || said.units.length === 0 ? (known ?? said) : said;
  return used === null ? {} : { other: within(expected, used) };
}
