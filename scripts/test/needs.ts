/**
 * What tests need beyond npm packages: a PostgreSQL server, Chromium, an S3 server, Stripe's mock server, unmodified
 * clients from npm and from PyPI. Each is used where it already is; on Debian as root what is missing is installed; what
 * still cannot be had is reported with its reason, and the tests that need it are skipped by name.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '#platform/error.ts';
import { provideGoProgram } from './go-program.ts';
import { startPostgres } from './postgres.ts';
import { startStripeMock } from './stripe-mock.ts';

const run = promisify(execFile);

export type Needs = Readonly<{
  environment: Readonly<Record<string, string>>;
  /** Need → why it cannot be met here. */
  missing: ReadonlyMap<string, string>;
  stop: () => Promise<void>;
}>;

type Provided = Readonly<{ environment: Record<string, string>; stop?: () => Promise<void> }>;

const CACHE = join(import.meta.dirname, '..', '..', '.cache');
const CLIENTS = join(import.meta.dirname, '..', '..', 'test', 'clients');
const INSTALL_TIMEOUT_MS = 15 * 60_000;
/** A whole S3 server over a folder, signatures checked. */
const S3_SERVER = { package: 'github.com/versity/versitygw/cmd/versitygw', version: 'v1.8.0' };

const PROVIDERS: Readonly<Record<string, () => Promise<Provided>>> = {
  postgresql: providePostgres,
  chromium: provideChromium,
  clients: provideClients,
  python: providePython,
  python_hub: provideOlderHubClients,
  python_modelscope: provideOlderModelScope,
  s3: provideS3Server,
  stripe_mock: provideStripeMock,
  git_lfs: provideGitLfs,
};

export async function provideNeeds(names: readonly string[]): Promise<Needs> {
  const environment: Record<string, string> = {};
  const missing = new Map<string, string>();
  const stops: (() => Promise<void>)[] = [];
  for (const name of names) {
    const startedMs = performance.now();
    try {
      const provider = PROVIDERS[name];
      if (provider === undefined) throw new Error(`nobody knows how to provide "${name}"`);
      const provided = await provider();
      Object.assign(environment, provided.environment);
      if (provided.stop !== undefined) stops.push(provided.stop);
      console.log(
        `needs: ${name} is there (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`,
      );
    } catch (error) {
      missing.set(name, `${name} is not to be had: ${messageOf(error).split('\n')[0]}`);
      console.log(`needs: ${missing.get(name)}`);
    }
  }
  return {
    environment,
    missing,
    stop: async () => {
      for (const stop of stops) await stop();
    },
  };
}

async function providePostgres(): Promise<Provided> {
  const given = process.env['TEST_POSTGRESQL_URL'];
  if (given !== undefined && given !== '') return { environment: { TEST_POSTGRESQL_URL: given } };
  const find = (): string | undefined => globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1);
  if (find() === undefined) await installPackages('postgresql');
  const binaries = find();
  if (binaries === undefined) throw new Error('no PostgreSQL server is installed');
  const server = await startPostgres(binaries);
  return { environment: { TEST_POSTGRESQL_URL: server.url }, stop: server.stop };
}

async function provideChromium(): Promise<Provided> {
  const find = (): string | undefined =>
    [
      process.env['TEST_CHROMIUM'],
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/usr/bin/google-chrome',
    ].find((path) => path !== undefined && existsSync(path));
  if (find() === undefined) await installPackages('chromium', 'fonts-noto-cjk');
  const path = find();
  if (path === undefined) throw new Error('no Chromium is installed');
  return { environment: { TEST_CHROMIUM: path } };
}

/** The system's git, and what it keeps large files with. */
async function provideGitLfs(): Promise<Provided> {
  const isThere = async (): Promise<boolean> =>
    run('git', ['lfs', 'version']).then(
      () => true,
      () => false,
    );
  if (!(await isThere())) await installPackages('git', 'git-lfs');
  if (!(await isThere())) throw new Error('no git-lfs is installed');
  return { environment: {} };
}

/** Clients from npm live apart from the product's packages: nobody who runs Flywheel needs them. */
async function provideClients(): Promise<Provided> {
  await once(join(CLIENTS, 'node_modules'), join(CLIENTS, 'package-lock.json'), async () => {
    await run('npm', ['ci', '--ignore-scripts'], { cwd: CLIENTS, timeout: INSTALL_TIMEOUT_MS });
  });
  return { environment: {} };
}

async function providePython(): Promise<Provided> {
  const folder = join(CACHE, 'python-clients');
  const python = join(folder, 'bin', 'python');
  const requirements = join(CLIENTS, 'requirements.txt');
  await once(folder, requirements, async () => {
    try {
      await run('python3', ['-m', 'venv', '--clear', folder]);
    } catch {
      await installPackages('python3', 'python3-venv');
      await run('python3', ['-m', 'venv', '--clear', folder]);
    }
    await run(
      python,
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements],
      {
        timeout: INSTALL_TIMEOUT_MS,
      },
    );
  });
  return { environment: { TEST_PYTHON: python } };
}

/** Generations of one package cannot share an environment: each older one has a folder for PYTHONPATH. */
async function provideOlderHubClients(): Promise<Provided> {
  const { environment } = await providePython();
  const python = environment['TEST_PYTHON'] ?? 'python3';
  const folders: string[] = [];
  for (const file of globSync('requirements-hub-*.txt', { cwd: CLIENTS }).toSorted()) {
    const requirements = join(CLIENTS, file);
    const folder = join(CACHE, `python-${file.slice('requirements-'.length, -'.txt'.length)}`);
    await installInto(folder, python, requirements);
    folders.push(folder);
  }
  return { environment: { ...environment, TEST_PYTHON_HUBS: folders.join(':') } };
}

async function provideOlderModelScope(): Promise<Provided> {
  const { environment } = await providePython();
  const folder = join(CACHE, 'python-modelscope-1');
  const requirements = join(CLIENTS, 'requirements-modelscope-1.txt');
  await installInto(folder, environment['TEST_PYTHON'] ?? 'python3', requirements);
  return { environment: { ...environment, TEST_PYTHON_MODELSCOPE: folder } };
}

async function installInto(folder: string, python: string, requirements: string): Promise<void> {
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--upgrade'];
  await once(folder, requirements, async () => {
    await run(python, [...install, '--target', folder, '-r', requirements], {
      timeout: INSTALL_TIMEOUT_MS,
    });
  });
}

/** Whoever has the program names it; building it takes one or two minutes. */
async function provideS3Server(): Promise<Provided> {
  const given = process.env['TEST_S3_SERVER'];
  const program =
    given !== undefined && given !== ''
      ? given
      : await provideGoProgram(S3_SERVER, CACHE, installVenv);
  return { environment: { TEST_S3_SERVER: program } };
}

const installVenv = (): Promise<void> => installPackages('python3', 'python3-venv');

/** One that runs already is taken as it is. */
async function provideStripeMock(): Promise<Provided> {
  const given = process.env['TEST_STRIPE_MOCK'];
  if (given !== undefined && given !== '') return { environment: { TEST_STRIPE_MOCK: given } };
  const mock = await startStripeMock(CACHE, installVenv);
  return { environment: { TEST_STRIPE_MOCK: mock.url }, stop: mock.stop };
}

/** Runs `install` unless `folder` was filled from this very lock file before. */
async function once(folder: string, lockFile: string, install: () => Promise<void>): Promise<void> {
  const fingerprint = createHash('sha256').update(readFileSync(lockFile)).digest('hex');
  const mark = join(folder, '.filled-from');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === fingerprint) return;
  mkdirSync(CACHE, { recursive: true });
  await install();
  writeFileSync(mark, fingerprint);
}

let listsAreFresh = false;

async function installPackages(...names: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`install ${names.join(' and ')} to run these tests`);
  }
  console.log(`needs: installing ${names.join(' ')} from Debian's packages`);
  const options = {
    timeout: INSTALL_TIMEOUT_MS,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 64 * 1024 * 1024,
  };
  if (!listsAreFresh) await run('apt-get', ['update', '-qq'], options);
  listsAreFresh = true;
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], options);
}
