/** For tests: a served hub, and clones of what it keeps. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { serveApp } from '#platform/http.ts';
import { gitOk } from '../../../test/git-program.ts';
import { ACME, type HubWorld } from '../hub-fixture.ts';
import { createFace } from '../huggingface/writing-fixture.ts';

export function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

export async function serveGit(world: HubWorld, hub = world.hub) {
  const face = createFace(world, hub);
  const server = await serveApp(face.app, { host: '127.0.0.1', port: 0 });
  after(() => server.stop(0));
  const origin = `http://127.0.0.1:${server.port}`;
  const home = mkdtempSync(join(world.folder, 'home-'));
  let clones = 0;
  /** With LFS set up as `git lfs install` does for one repository. */
  const clone = async (name: string, as = ACME, ...words: readonly string[]): Promise<string> => {
    clones += 1;
    const folder = join(home, `clone-${clones}`);
    mkdirSync(folder);
    await gitOk(folder, 'lfs', 'install', '--skip-repo');
    await gitOk(folder, 'clone', '-q', ...words, addressOf(name, as), 'work');
    await gitOk(join(folder, 'work'), 'lfs', 'install', '--local');
    return join(folder, 'work');
  };
  const addressOf = (name: string, as = ACME): string =>
    `http://${as === '' ? '' : `somebody:${as}@`}127.0.0.1:${server.port}/${name}.git`;
  return { ...face, origin, clone, addressOf, home };
}
