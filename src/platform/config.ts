/**
 * The only reader of the environment. Every `FLYWHEEL_*` variable is declared here once with its
 * type, default and reason; an unknown one or a bad value stops the start with a message that says
 * what to write. `flywheel config` prints the effective set from the same table.
 */
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { defineErrors } from './error.ts';
import { nearest } from './nearest.ts';
import { parseS3Url } from './objects/s3-url.ts';

const fail = defineErrors({
  'config.unknown': { status: 500 },
  'config.invalid': { status: 500 },
});

type Variable<T> = Readonly<{
  describe: string;
  /** What the value is when the variable is not set; null means "none". */
  fallback: string | null;
  parse: (text: string) => T;
  secret?: boolean;
}>;

const text = (value: string): string => value;

const integer = (min: number, max: number) => (value: string) => {
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max) {
    throw new RangeError(`a whole number from ${min} to ${max}`);
  }
  return number;
};

const oneOf =
  <T extends string>(...values: readonly T[]) =>
  (value: string): T => {
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) throw new RangeError(`one of ${values.join(', ')}`);
    return found;
  };

const address =
  (...protocols: readonly string[]) =>
  (value: string): string => {
    const parsed = URL.parse(value);
    if (parsed === null || !protocols.includes(parsed.protocol)) {
      throw new RangeError(
        `an address that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`,
      );
    }
    return value.replace(/\/$/, '');
  };

/** `10.0.0.0/8,2001:db8::1`. */
const networks = (value: string): string => {
  const names = value.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
  for (const name of names) {
    const [address = '', prefix = '0', ...rest] = name.split('/');
    const bits = isIP(address) === 6 ? 128 : 32;
    const isNetwork = isIP(address) !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
    if (!isNetwork || rest.length > 0) throw new RangeError('networks such as 10.0.0.0/8');
  }
  return names.join(',');
};

const MIB = 1024 * 1024;

/** Every variable, in the order `flywheel config` prints them. */
export const VARIABLES = {
  FLYWHEEL_HOME: {
    describe: 'Folder that holds everything Flywheel keeps on this machine.',
    fallback: '.flywheel',
    parse: (value: string) => resolve(value),
  },
  FLYWHEEL_HOST: {
    describe: 'Address the gateway listens on. 0.0.0.0 opens it to the network.',
    fallback: '127.0.0.1',
    parse: text,
  },
  FLYWHEEL_PORT: {
    describe: 'Port of the front door: console, APIs, everything.',
    fallback: '8080',
    parse: integer(0, 65_535),
  },
  FLYWHEEL_CONTROL_PORT: {
    describe: 'Port of control, for gateways and nodes only. 0 lets the system choose.',
    fallback: '0',
    parse: integer(0, 65_535),
  },
  FLYWHEEL_CONTROL_URL: {
    describe: 'Where gateways and nodes find control, when they are started on their own.',
    fallback: null,
    parse: address('http:', 'https:'),
  },
  FLYWHEEL_PUBLIC_URL: {
    describe: 'Address people type, when it is not http://localhost:PORT (behind a proxy, say).',
    fallback: null,
    parse: address('http:', 'https:'),
  },
  FLYWHEEL_GATEWAY_URL: {
    describe:
      'Where control itself reaches a gateway, to run batches, when it is not the public address.',
    fallback: null,
    parse: address('http:', 'https:'),
  },
  FLYWHEEL_JOIN_TOKEN: {
    describe:
      'Secret that gateways and nodes show to control. Made at first start and kept in the home.',
    fallback: null,
    parse: text,
    secret: true,
  },
  FLYWHEEL_MASTER_KEYS: {
    describe:
      'Keys that seal the keys of external providers: base64 of 32 bytes each, newest first, with commas. Without it one is made and kept in the home; several controls need the same.',
    fallback: null,
    parse: text,
    secret: true,
  },
  FLYWHEEL_DATABASE_URL: {
    describe: 'A PostgreSQL 15 or newer. Without it an embedded one keeps its files in the home.',
    fallback: null,
    parse: address('postgres:', 'postgresql:'),
    secret: true,
  },
  FLYWHEEL_S3_URL: {
    describe:
      'A bucket for the bytes of models and batches, such as https://KEY_ID:SECRET@s3.example.com/models?region=eu-central-1. Without it they lie in the home.',
    fallback: null,
    parse: (value: string) => parseS3Url(value) && value,
    secret: true,
  },
  FLYWHEEL_REGION: {
    describe: 'Region this process belongs to.',
    fallback: 'local',
    parse: text,
  },
  FLYWHEEL_NODE_NAME: {
    describe: 'Name of this machine in the fleet. Defaults to its host name.',
    fallback: null,
    parse: text,
  },
  FLYWHEEL_ENGINE_THREADS: {
    describe:
      'Threads of one embedded engine. The default stays below the CPU quota: engine threads spin, and a thread too many makes every token hundreds of times slower.',
    fallback: String(Math.max(1, availableParallelism() - 1)),
    parse: integer(1, 512),
  },
  FLYWHEEL_GATEWAYS: {
    describe:
      'Gateway processes that share the front port. One serves thousands of requests a second and leaves the other cores to engines; on a machine of its own, take one per core.',
    fallback: '1',
    parse: integer(1, 64),
  },
  FLYWHEEL_JOURNAL: {
    describe:
      'How soon a call is on disk. relaxed: within milliseconds. strict: before the engine is called, and a whole answer leaves only when it is on the books, so that no death of the machine leaves one unbilled; a stream is billed to its last second.',
    fallback: 'relaxed',
    parse: oneOf('relaxed', 'strict'),
  },
  FLYWHEEL_BODY_LIMIT_BYTES: {
    describe: 'Largest request body the gateway accepts.',
    fallback: String(16 * MIB),
    parse: integer(1024, 1024 * MIB),
  },
  FLYWHEEL_TRUSTED_PROXIES: {
    describe:
      'Networks of proxies in front of the gateway, with commas between: their x-forwarded-for says who calls. None is believed without it.',
    fallback: '',
    parse: networks,
  },
  FLYWHEEL_COLD_START_WAIT_MS: {
    describe:
      'How long a request waits for a replica that is starting or busy before it gets a 503. Callers may say otherwise with x-flywheel-queue-timeout-ms.',
    fallback: '30000',
    parse: integer(0, 600_000),
  },
  FLYWHEEL_URL: {
    describe: 'Which Flywheel the commands talk to. Defaults to the one of this home.',
    fallback: null,
    parse: address('http:', 'https:'),
  },
  FLYWHEEL_API_KEY: {
    describe: 'The key the commands call with. Defaults to the first key of this home.',
    fallback: null,
    parse: text,
    secret: true,
  },
  FLYWHEEL_SMTP_URL: {
    describe:
      'Mail server for notices, such as smtps://name:password@mail.example.com:465. Without it nobody gets e-mail.',
    fallback: null,
    parse: address('smtp:', 'smtps:'),
    secret: true,
  },
  FLYWHEEL_MAIL_FROM: {
    describe: 'Sender of e-mail, such as Flywheel <billing@example.com>.',
    fallback: 'Flywheel <flywheel@localhost>',
    parse: text,
  },
  FLYWHEEL_USAGE_DAYS: {
    describe:
      'How many days single calls are kept once their period is closed. Sums stay. Without it all calls are kept.',
    fallback: null,
    parse: integer(35, 36_500),
  },
  FLYWHEEL_LOG_LEVEL: {
    describe: 'The least level that is logged: error, warn, info, debug or silent.',
    fallback: 'info',
    parse: oneOf('error', 'warn', 'info', 'debug', 'silent'),
  },
} as const satisfies Record<string, Variable<unknown>>;

export type VariableName = keyof typeof VARIABLES;

type Parsed<Name extends VariableName> =
  | ReturnType<(typeof VARIABLES)[Name]['parse']>
  | ((typeof VARIABLES)[Name]['fallback'] extends null ? null : never);

/** Effective values by variable name; null where a variable without a default is not set. */
export type Settings = Readonly<{ [Name in VariableName]: Parsed<Name> }>;

/** Reads and checks the environment. Raises `config.unknown` or `config.invalid`. */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  refuseUnknown(environment);
  const settings: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const value = environment[name] || variable.fallback;
    settings[name] = value === null ? null : parseVariable(name, variable, value);
  }
  // The loop fills every name of VARIABLES with that variable's own parser.
  return Object.freeze(settings) as Settings;
}

function parseVariable(name: string, variable: Variable<unknown>, value: string): unknown {
  try {
    return variable.parse(value);
  } catch (error) {
    const wanted = error instanceof RangeError ? error.message : 'another value';
    const shown = variable.secret === true ? '' : `; it is "${value}"`;
    throw fail('config.invalid', `${name} should be ${wanted}${shown}.`, { cause: error });
  }
}

function refuseUnknown(environment: Readonly<Record<string, string | undefined>>): void {
  const known = Object.keys(VARIABLES);
  for (const name of Object.keys(environment)) {
    if (!name.startsWith('FLYWHEEL_') || known.includes(name)) continue;
    const near = nearest(name, known);
    throw fail(
      'config.unknown',
      `${name} is not a Flywheel setting. ${near === null ? 'See `flywheel config` for all of them.' : `Did you mean ${near}?`}`,
    );
  }
}
