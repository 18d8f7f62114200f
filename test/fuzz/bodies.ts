/** Bodies that nobody should send: changed good ones, cut ones, and the classics. */
import fc from 'fast-check';

const NASTY_VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  2 ** 53,
  1e308,
  '',
  '\u0000',
  '\ud800',
  'x'.repeat(70_000),
  [],
  {},
  [[[]]],
  { role: 'user' },
  [{ role: 'tool', content: 5 }],
  JSON.parse('{"__proto__":{"admin":true}}') as unknown,
  '__proto__',
];

const leaf = fc.oneof(fc.constantFrom(...NASTY_VALUES), fc.jsonValue({ maxDepth: 3 }));

/** A good body with some of its values, at any depth, replaced, taken out or joined by others. */
export function changed(good: Readonly<Record<string, unknown>>): fc.Arbitrary<string> {
  const places = placesOf(good);
  const change = fc.tuple(fc.constantFrom(...places), fc.option(leaf, { nil: undefined }));
  const extra = fc.dictionary(
    fc.constantFrom('stream', 'stream_options', 'tools', 'tool_choice', 'n', 'stop', 'user', 'x'),
    leaf,
    { maxKeys: 3 },
  );
  return fc
    .tuple(fc.array(change, { minLength: 1, maxLength: 4 }), extra)
    .map(([changes, more]) => {
      const body: Record<string, unknown> = structuredClone(good);
      // A copy each time: a later change may reach into the value that an earlier one put there.
      for (const [place, value] of changes) put(body, place, structuredClone(value));
      return JSON.stringify({ ...body, ...more });
    });
}

/** A good body that is cut, or with some of its bytes changed: rarely JSON, rarely UTF-8. */
export function damaged(good: Readonly<Record<string, unknown>>): fc.Arbitrary<Uint8Array> {
  const bytes = Buffer.from(JSON.stringify(good));
  const flip = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }));
  return fc
    .tuple(fc.nat({ max: bytes.length }), fc.array(flip, { maxLength: 4 }))
    .map(([length, flips]) => {
      const copy = Buffer.from(bytes);
      for (const [at, value] of flips) copy[at] = value;
      return copy.subarray(0, length);
    });
}

const DEEP = 100_000;

/** By name, each with what it makes of a good body. */
export const CLASSICS: Readonly<Record<string, (good: object) => string | Uint8Array>> = {
  'an empty body': () => '',
  'only white space': () => ' \n\t ',
  'a list': () => '[]',
  'a number': () => '1e999',
  'a text': () => '"model"',
  null: () => 'null',
  'a byte order mark': (good) => `\ufeff${JSON.stringify(good)}`,
  'invalid UTF-8': (good) =>
    Buffer.concat([
      Buffer.from(JSON.stringify(good).replace('Hi', '\u0001').split('\u0001')[0] ?? ''),
      Buffer.from([0xc3, 0x28, 0xff, 0xfe]),
    ]),
  'lists in lists, a hundred thousand deep': () => '['.repeat(DEEP) + ']'.repeat(DEEP),
  'objects in objects, a hundred thousand deep': () =>
    `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
  'messages a hundred thousand deep': (good) =>
    JSON.stringify({ ...good, messages: 0, input: 0 }).replaceAll(
      /"(messages|input)":0/g,
      `"$1":${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
    ),
  'a number of ten thousand digits': (good) =>
    JSON.stringify({ ...good, max_tokens: 0 }).replace(
      '"max_tokens":0',
      `"max_tokens":${'9'.repeat(10_000)}`,
    ),
  'ten thousand names': (good) =>
    JSON.stringify({
      ...good,
      ...Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`field${index}`, index])),
    }),
  'the same name twice': (good) => JSON.stringify(good).replace('{', '{"model":"another",'),
};

type Place = readonly (string | number)[];

function placesOf(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const place = [...at, Array.isArray(value) ? Number(name) : name];
    return [place, ...placesOf(inner, place)];
  });
}

function put(body: object, place: Place, value: unknown): void {
  let holder: object = body;
  for (const name of place.slice(0, -1)) {
    const inner: unknown = Reflect.get(holder, name);
    if (typeof inner !== 'object' || inner === null) return;
    holder = inner;
  }
  const last = place.at(-1) ?? '';
  if (value === undefined) Reflect.deleteProperty(holder, last);
  else Reflect.set(holder, last, value);
}
