/**
 * A cloud of its own for the pictures: started as anyone starts it, then filled with a few models, keys
 * and days of use.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, createClient } from '#client/client.ts';
import { writeTinyGguf } from '../../test/tiny-gguf.ts';
import { type SampleModel, shipSampleDays } from './sample-days.ts';
import { startUpstream } from './sample-upstream.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const START_TIMEOUT_MS = 180_000;

/** It comes along and is served from the first minute. */
export const OWN_MODEL = 'flywheel/tiny';

const CHAT_MODEL = 'open/chat';

const MODELS: readonly (SampleModel &
  Readonly<{ summary: string; base: string | null; input: string; outputPrice: string }>)[] = [
  {
    name: CHAT_MODEL,
    share: 0.55,
    output: 260,
    reasons: true,
    base: null,
    input: '0.8',
    outputPrice: '2',
    summary: 'A general model that can think before it answers, small enough for one machine.',
  },
  {
    name: 'open/code',
    share: 0.25,
    output: 420,
    reasons: false,
    base: null,
    input: '1.2',
    outputPrice: '4',
    summary: 'Reads and writes programs in thirty languages, and explains what it did.',
  },
  {
    name: 'acme/helpdesk',
    share: 0.15,
    output: 140,
    reasons: false,
    base: CHAT_MODEL,
    input: '0.8',
    outputPrice: '2',
    summary: 'The general model in our own tone of voice, tuned on two thousand answered tickets.',
  },
  {
    name: 'open/search-embed',
    share: 0.05,
    output: 1,
    reasons: false,
    base: null,
    input: '0.1',
    outputPrice: '0',
    summary: 'Embeddings for search across languages.',
  },
];

const KEYS = ['helpdesk in production', 'nightly reports', 'website search', 'notebook of Lin'];

export type SampleCloud = Readonly<{
  url: string;
  email: string;
  password: string;
  stop: () => Promise<void>;
}>;

export async function startSampleCloud(): Promise<SampleCloud> {
  const folder = mkdtempSync(join(tmpdir(), 'flywheel-pictures-'));
  const home = join(folder, 'home');
  const controlPort = await freePort();
  const child = spawn(join(ROOT, 'bin', 'flywheel'), ['up'], {
    env: {
      ...process.env,
      FLYWHEEL_HOME: home,
      FLYWHEEL_PORT: String(await portForPictures()),
      FLYWHEEL_CONTROL_PORT: String(controlPort),
      FLYWHEEL_NODE_NAME: 'harbour-1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until('the banner', () => said.includes('Flywheel is ready'));
  const { url, email, password, apiKey } = readJson(join(home, 'first-run.json'));
  const { joinToken = '' } = readJson(join(home, 'secrets.json'));
  const client = createClient({ url: url ?? '', apiKey });
  const upstream = await startUpstream();
  await fill(client, { folder, upstreamUrl: upstream.url });
  const controlUrl = `http://127.0.0.1:${controlPort}`;
  await shipSampleDays({ client, controlUrl, joinToken, models: MODELS });
  return {
    url: url ?? '',
    email: email ?? '',
    password: password ?? '',
    stop: async () => {
      upstream.stop();
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Supply = Readonly<{ folder: string; upstreamUrl: string }>;

async function fill(client: Client, { folder, upstreamUrl }: Supply): Promise<void> {
  for (const [index, model] of MODELS.entries()) {
    const source = join(folder, `model-${index}`);
    mkdirSync(source);
    await writeTinyGguf(join(source, 'model.gguf'), { seed: index + 1 });
    writeFileSync(join(source, 'README.md'), cardOf(model));
    const { name } = model;
    await client.imports.create({
      modelName: name,
      source,
      visibility: 'public',
      license: 'apache-2.0',
    });
    await until(`${name} in the hub`, async () =>
      (await client.models.list()).data.some((each) => each.name === name),
    );
    await client.prices.create({
      model: name,
      inputPerMillion: model.input,
      outputPerMillion: model.outputPrice,
    });
  }
  await client.deployments.create({
    model: CHAT_MODEL,
    engine: 'openai',
    baseUrl: upstreamUrl,
    upstreamModel: 'sample',
    parallel: 16,
  });
  await client.deployments.create({ model: 'acme/helpdesk', parallel: 4 });
  await client.deployments.create({ model: 'open/code', replicasMin: 0, parallel: 4 });
  for (const name of KEYS) await client.keys.create({ name });
  await until('the models to be served', async () => {
    const { data } = await client.deployments.list();
    return data.filter(({ state }) => state === 'ready').length >= 3;
  });
  await until('the models that come along to be in the hub', async () => {
    const { data } = await client.models.list();
    if (!data.some(({ name }) => name === OWN_MODEL)) return false;
    return (await client.models.get(OWN_MODEL)).derivatives.length > 0;
  });
}

function cardOf(model: (typeof MODELS)[number]): string {
  const base =
    model.base === null ? '' : `base_model: ${model.base}\nbase_model_relation: finetune\n`;
  return `---
license: apache-2.0
tags: [text-generation, en, zh]
${base}---

# ${model.name.split('/')[1]}

${model.summary}

## Use it

\`\`\`python
from openai import OpenAI

client = OpenAI(base_url="http://localhost:8080/v1", api_key="sk-fw-…")
answer = client.chat.completions.create(
    model="${model.name}",
    messages=[{"role": "user", "content": "Hello!"}],
)
\`\`\`

## What it takes

| Input | Supported |
| --- | --- |
| System prompt | yes |
| Tools and JSON schemas | yes |
| Images | no |

- Answers in English and Chinese
- Thinks first when asked to
`;
}

function readJson(path: string): Readonly<Record<string, string | undefined>> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`waited in vain for ${what}`);
    await delay(200);
  }
}

/** The port of the documentation, where it is free. */
async function portForPictures(): Promise<number> {
  return freePort(8080).catch(() => freePort());
}

async function freePort(wanted = 0): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(wanted, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
