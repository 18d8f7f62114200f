/**
 * What a request uses beside tokens: images, seconds, characters, pages. Pure. Before it is served, the most that it
 * may use, so that a hold covers it; afterwards what it did, from its answer, and never more than was held
 * for: an engine that makes more images than were asked for is not paid for them.
 */
import {
  type OtherUnit,
  type PriceAttributes,
  type UnitCount,
  toCount,
} from '#pricing/quantities.ts';
import { fieldOf } from '../wire/field.ts';
import { soundMs } from './sound/sound.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Counts and what chooses their price. */
export type Use = Readonly<{
  units: readonly UnitCount[];
  attributes?: Pick<PriceAttributes, 'resolution'> | undefined;
}>;

type Rule = Readonly<{
  /** From the request. */
  expected: (fields: Fields) => Use;
  /** From its answer. */
  used: (answer: object) => Use;
}>;

export const UNIT_OPERATIONS = ['images', 'videos', 'speech', 'transcriptions', 'ocr'] as const;
export type UnitOperation = (typeof UNIT_OPERATIONS)[number];

/** Nobody speaks more slowly than this, at a quarter of the usual speed. */
const SECONDS_PER_CHARACTER_MAX = 2;
/** The longest video that such models make; a request that names its length is held for that. */
const VIDEO_SECONDS_MAX = 20;
const VIDEO_SECONDS_LIMIT = 600;
/** A document of more pages is not read in one request; one that names its pages is held for those. */
const PAGES_MAX = 1_000;
const IMAGES_MAX = 128;
/** The thinnest codec of speech. */
const SOUND_BYTES_PER_SECOND_MIN = 1_000;
/** Sound of a kind that says no length, in the payer's favour: a rate that only music has. */
const SOUND_BYTES_PER_SECOND_MAX = 40_000;
/** Engines round up, and hear a little silence at the end. */
const SOUND_SLACK_MS = 1_000;

const RULES: Readonly<Record<UnitOperation, Rule>> = {
  images: {
    expected: (fields) => ({
      units: [unitOf('image', 'output', atMost(fields['n'], IMAGES_MAX) ?? 1)],
      ...resolutionIn(fields['size']),
    }),
    // A place without a picture is one that failed.
    used: (answer) => ({
      units: [unitOf('image', 'output', listOf(answer, 'data').filter(isMade).length)],
      ...resolutionIn(fieldOf(answer, 'size')),
    }),
  },
  videos: {
    expected: (fields) => {
      const asked = fields['seconds'] ?? fields['duration'];
      const seconds = atMost(asked, VIDEO_SECONDS_LIMIT) ?? VIDEO_SECONDS_MAX;
      const videos = atMost(fields['n'], IMAGES_MAX) ?? 1;
      return {
        units: [unitOf('video_second', 'output', seconds * videos)],
        ...resolutionIn(fields['resolution'] ?? fields['size']),
      };
    },
    used: (answer) => ({
      units: [unitOf('video_second', 'output', videoSeconds(answer))],
      ...resolutionIn(fieldOf(answer, 'resolution') ?? fieldOf(answer, 'size')),
    }),
  },
  speech: {
    expected: (fields) => {
      const characters = charactersIn(fields['input']);
      return {
        units: [
          unitOf('character', 'input', characters),
          unitOf('second', 'output', characters * SECONDS_PER_CHARACTER_MAX),
        ],
      };
    },
    // Its answer is sound: see `spokenUse`.
    used: () => ({ units: [] }),
  },
  transcriptions: {
    // The form is read where it lies: see `heardUse`.
    expected: () => ({ units: [] }),
    used: (answer) => {
      const usage = fieldOf(answer, 'usage');
      const seconds = numberIn(fieldOf(usage, 'seconds')) ?? numberIn(fieldOf(answer, 'duration'));
      return { units: seconds === null ? [] : [unitOf('second', 'input', seconds)] };
    },
  },
  ocr: {
    expected: (fields) => ({ units: [unitOf('page', 'input', pagesAsked(fields))] }),
    used: (answer) => {
      const said = fieldOf(fieldOf(answer, 'usage_info'), 'pages_processed');
      const pages = atMost(said, PAGES_MAX) ?? listOf(answer, 'pages').length;
      return { units: [unitOf('page', 'input', pages)] };
    },
  },
};

export function isUnitOperation(operation: string): operation is UnitOperation {
  return operation in RULES;
}

/** The most that a request with these fields uses; counts of nothing are left out. */
export function expectedUse(operation: UnitOperation, fields: Fields): Use {
  return tidy(RULES[operation].expected(fields));
}

export function usedIn(operation: UnitOperation, answer: object): Use {
  return tidy(RULES[operation].used(answer));
}

/** A file that will be heard: by its own length, or by how little space so much speech takes. */
export function heardUse(sound: Buffer): Readonly<{ expected: Use; known: Use }> {
  const ms = soundMs(sound);
  const mostMs =
    ms === null ? (sound.length / SOUND_BYTES_PER_SECOND_MIN) * 1_000 : ms + SOUND_SLACK_MS;
  const leastMs = ms ?? (sound.length / SOUND_BYTES_PER_SECOND_MAX) * 1_000;
  const secondsOf = (each: number): Use => ({ units: [unitOf('second', 'input', each / 1_000)] });
  return { expected: tidy(secondsOf(mostMs)), known: tidy(secondsOf(leastMs)) };
}

/** What was spoken: all the characters, once any sound of them went out, and the seconds of that sound. */
export function spokenUse(expected: Use, ms: number | null): Use {
  const characters = expected.units.filter(({ unit }) => unit === 'character');
  const seconds = ms === null ? [] : [unitOf('second', 'output', ms / 1_000)];
  return tidy({ units: [...characters, ...seconds] });
}

export type Clamped = Readonly<{ use: Use; isClamped: boolean }>;

/** No more than was expected, and of the resolution that was asked for, where one was. */
export function within(expected: Use, used: Use): Clamped {
  let isClamped = false;
  const units = used.units.flatMap((one) => {
    const most = expected.units.find(
      ({ unit, direction }) => unit === one.unit && direction === one.direction,
    );
    const count = Math.min(one.count, most?.count ?? 0);
    if (count < one.count) isClamped = true;
    return count === 0 ? [] : [{ ...one, count }];
  });
  const attributes = expected.attributes ?? used.attributes;
  return { use: { units, ...(attributes !== undefined && { attributes }) }, isClamped };
}

function unitOf(unit: OtherUnit, direction: 'input' | 'output', amount: number): UnitCount {
  return { unit, direction, count: toCount(unit, amount) };
}

function tidy({ units, ...rest }: Use): Use {
  return { units: units.filter(({ count }) => count > 0), ...rest };
}

const RESOLUTION_CHARACTERS_MAX = 40;

/** `1024*1024` and `1024x1024` are one size; a wish for the model's own is none. */
function resolutionIn(size: unknown): Pick<Use, 'attributes'> {
  if (typeof size !== 'string') return {};
  const resolution = size.trim().toLowerCase().replace('*', 'x');
  const isWord = /^[a-z0-9][a-z0-9._:-]*$/.test(resolution);
  if (!isWord || resolution === 'auto' || resolution.length > RESOLUTION_CHARACTERS_MAX) return {};
  return { attributes: { resolution } };
}

function isMade(picture: unknown): boolean {
  return ['b64_json', 'url'].some((name) => {
    const value = fieldOf(picture, name);
    return typeof value === 'string' && value !== '';
  });
}

function videoSeconds(answer: object): number {
  const usage = fieldOf(answer, 'usage');
  const said = ['video_seconds', 'video_duration', 'seconds', 'duration']
    .map((name) => numberIn(fieldOf(usage, name)))
    .find((seconds) => seconds !== null);
  if (said !== undefined && said !== null) return said;
  return listOf(answer, 'data')
    .filter(isMade)
    .map((one) => numberIn(fieldOf(one, 'duration') ?? fieldOf(one, 'seconds')) ?? 0)
    .reduce((sum, seconds) => sum + seconds, 0);
}

/** Code points: what people count as characters, and an emoji is one. */
function charactersIn(text: unknown): number {
  if (typeof text !== 'string') return 0;
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

function pagesAsked(fields: Fields): number {
  const { pages, document } = fields;
  if (Array.isArray(pages) && pages.length > 0) return Math.min(pages.length, PAGES_MAX);
  // A picture is one page.
  return fieldOf(document, 'type') === 'image_url' ? 1 : PAGES_MAX;
}

function listOf(value: object, name: string): readonly unknown[] {
  const list = fieldOf(value, name);
  return Array.isArray(list) ? list : [];
}

/** Some engines write numbers as text. */
function numberIn(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null;
}

function atMost(value: unknown, most: number): number | null {
  const number = numberIn(value);
  return number === null ? null : Math.min(number, most);
}
