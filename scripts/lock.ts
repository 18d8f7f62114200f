/**
 * `npm run lock`: writes package-lock.json anew and completes it. A registry that does not carry every
 * platform's binaries makes npm leave those out of the lock, and `npm ci` then refuses the lock
 * everywhere. Each one left out is written as the optional package of one platform that it is, so
 * that npm skips it here and fetches it where it fits.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, copyFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Package = {
  version?: string;
  optional?: boolean;
  dev?: boolean;
  os?: string[];
  cpu?: string[];
  optionalDependencies?: Record<string, string>;
};
type Lock = { packages: Record<string, Package> };

const ROOT = join(import.meta.dirname, '..');

const SYSTEMS: Readonly<Record<string, string>> = {
  darwin: 'darwin',
  mac: 'darwin',
  win32: 'win32',
  win: 'win32',
  linux: 'linux',
  android: 'android',
  freebsd: 'freebsd',
  openbsd: 'openbsd',
  netbsd: 'netbsd',
  openharmony: 'openharmony',
  sunos: 'sunos',
  aix: 'aix',
};
const PROCESSORS = [
  'x64',
  'arm64',
  'arm',
  'ia32',
  'ppc64',
  's390x',
  'riscv64',
  'loong64',
  'mips64el',
  'wasm32',
];

const folder = mkdtempSync(join(tmpdir(), 'flywheel-lock-'));
try {
  for (const file of ['package.json', '.npmrc']) copyFileSync(join(ROOT, file), join(folder, file));
  execFileSync('npm', ['install', '--package-lock-only'], { cwd: folder, stdio: 'inherit' });
  const lock: Lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const added = complete(lock);
  narrow(lock);
  writeFileSync(join(ROOT, 'package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`);
  console.log(
    `package-lock.json: ${Object.keys(lock.packages).length} packages, ${added} of them for other platforms and not in this registry`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function complete(lock: Lock): number {
  let added = 0;
  for (const [path, parent] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const nested = `${path === '' ? '' : `${path}/`}node_modules/${name}`;
      if (
        lock.packages[nested] !== undefined ||
        lock.packages[`node_modules/${name}`] !== undefined
      )
        continue;
      lock.packages[`node_modules/${name}`] = {
        version: version.replace(/^[\^~]/, ''),
        ...platformOf(name),
        ...(parent.dev === true ? { dev: true } : {}),
        optional: true,
      };
      added += 1;
    }
  }
  return added;
}

/** Binaries that may also be fetched to build for another processor are left out where they do not run. */
function narrow(lock: Lock): void {
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (entry.optional !== true || (entry.cpu?.length ?? 0) < 2) continue;
    const { cpu } = platformOf(path);
    if (cpu !== undefined) entry.cpu = cpu;
  }
}

/** The platform that a binary package names: `@rolldown/binding-win32-arm64-msvc` → win32, arm64. */
function platformOf(name: string): Pick<Package, 'os' | 'cpu'> {
  const words = name.split(/[/-]/);
  const os = words.map((word) => SYSTEMS[word]).find((value) => value !== undefined);
  const cpu = PROCESSORS.find((processor) =>
    words.some((word) => word === processor || word === `${processor}eabi`),
  );
  if (os === undefined && cpu === undefined)
    throw new Error(`${name} names no platform; is it really optional?`);
  return {
    ...(os === undefined ? {} : { os: [os] }),
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
  };
}
