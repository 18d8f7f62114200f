/** How a repository is fetched and used with the clients people have, told this cloud's address. Pure. */
import type { RepositoryKind } from '../cloud.ts';
import type { Snippet } from '../ui/code-block.tsx';

export type Client =
  | 'hf'
  | 'python'
  | 'transformers'
  | 'datasets'
  | 'vllm'
  | 'llama'
  | 'node'
  | 'modelscope'
  | 'git'
  | 'curl'
  | 'flywheel';

export type Used = Readonly<{
  url: string;
  kind: RepositoryKind;
  /** `owner/name` */
  name: string;
  files: readonly Readonly<{ path: string; sizeBytes: number }>[];
  /** A token is asked for only where one is needed. */
  needsToken: boolean;
}>;

const TOKEN = 'flywheel hub token create laptop';

/** Those that can do something with what is there, in the order people reach for them. */
export function clientSnippets(used: Used): readonly Snippet<Client>[] {
  const { kind, files } = used;
  const isModel = kind === 'model';
  const has = (pattern: RegExp): boolean => files.some(({ path }) => pattern.test(path));
  const [largest] = files.toSorted((left, right) => right.sizeBytes - left.sizeBytes);
  const isWhole = isModel && has(/(?:^|\/)config\.json$/);
  const snippets: (Snippet<Client> | null)[] = [
    { language: 'hf', label: 'hf', code: hf(used) },
    { language: 'python', label: 'Python', code: python(used) },
    isWhole ? { language: 'transformers', label: 'transformers', code: transformers(used) } : null,
    isWhole ? { language: 'vllm', label: 'vLLM', code: vllm(used) } : null,
    isModel && has(/\.gguf$/) ? { language: 'llama', label: 'llama.cpp', code: llama(used) } : null,
    kind === 'dataset' ? { language: 'datasets', label: 'datasets', code: datasets(used) } : null,
    { language: 'node', label: 'Node.js', code: node(used, largest?.path ?? 'README.md') },
    kind === 'space'
      ? null
      : { language: 'modelscope', label: 'ModelScope', code: modelscope(used) },
    { language: 'git', label: 'git', code: git(used) },
    { language: 'curl', label: 'curl', code: curl(used, largest?.path ?? 'README.md') },
    { language: 'flywheel', label: 'flywheel', code: flywheel(used) },
  ];
  return snippets.filter((snippet) => snippet !== null);
}

function environment({ url, needsToken }: Used): readonly string[] {
  return [`export HF_ENDPOINT=${url}`, ...(needsToken ? [`export HF_TOKEN=$(${TOKEN})`] : [])];
}

function hf(used: Used): string {
  const type = used.kind === 'model' ? '' : ` --repo-type ${used.kind}`;
  return [...environment(used), `hf download ${used.name}${type}`].join('\n');
}

function python({ url, kind, name, needsToken }: Used): string {
  const type = kind === 'model' ? '' : `, repo_type="${kind}"`;
  const token = needsToken ? ', token=os.environ["HF_TOKEN"]' : '';
  return [
    '# pip install huggingface_hub',
    ...(needsToken ? ['import os', ''] : []),
    'from huggingface_hub import snapshot_download',
    '',
    `folder = snapshot_download("${name}"${type}, endpoint="${url}"${token})`,
  ].join('\n');
}

/** Their libraries read the address once, while they are imported. */
function pythonEnvironment({ url, needsToken }: Used): readonly string[] {
  return [
    'import os',
    '',
    `os.environ["HF_ENDPOINT"] = "${url}"`,
    ...(needsToken ? [`os.environ["HF_TOKEN"] = "hf_…"  # ${TOKEN}`] : []),
    '',
  ];
}

function transformers(used: Used): string {
  return [
    '# pip install transformers',
    ...pythonEnvironment(used),
    'from transformers import AutoModelForCausalLM, AutoTokenizer',
    '',
    `tokenizer = AutoTokenizer.from_pretrained("${used.name}")`,
    `model = AutoModelForCausalLM.from_pretrained("${used.name}")`,
  ].join('\n');
}

function datasets(used: Used): string {
  return [
    '# pip install datasets',
    ...pythonEnvironment(used),
    'from datasets import load_dataset',
    '',
    `rows = load_dataset("${used.name}")`,
  ].join('\n');
}

function vllm(used: Used): string {
  return [...environment(used), `vllm serve ${used.name}`].join('\n');
}

function llama(used: Used): string {
  return [...environment(used), `llama-server -hf ${used.name}`].join('\n');
}

function node({ url, kind, name, needsToken }: Used, path: string): string {
  const repo = kind === 'model' ? `'${name}'` : `{ type: '${kind}', name: '${name}' }`;
  return [
    '// npm install @huggingface/hub',
    "import { downloadFile } from '@huggingface/hub';",
    '',
    'const file = await downloadFile({',
    `  hubUrl: '${url}',`,
    `  repo: ${repo},`,
    `  path: '${path}',`,
    ...(needsToken ? ['  accessToken: process.env.HF_TOKEN,'] : []),
    '});',
  ].join('\n');
}

function modelscope({ url, kind, name, needsToken }: Used): string {
  return [
    `export MODELSCOPE_ENDPOINT=${url}`,
    ...(needsToken ? [`export MODELSCOPE_API_TOKEN=$(${TOKEN})`] : []),
    `modelscope download ${kind === 'dataset' ? `--dataset ${name}` : name}`,
  ].join('\n');
}

function git({ url, kind, name, needsToken }: Used): string {
  const prefix = kind === 'model' ? '' : `${kind}s/`;
  return [
    '# Large files come with git-lfs: git lfs install',
    ...(needsToken ? [`# The password it asks for is a token: ${TOKEN}`] : []),
    `git clone ${url}/${prefix}${name}`,
  ].join('\n');
}

function curl({ url, kind, name, needsToken }: Used, path: string): string {
  const prefix = kind === 'model' ? '' : `${kind}s/`;
  const token = needsToken ? ' -H "Authorization: Bearer $HF_TOKEN"' : '';
  const file = path.split('/').map(encodeURIComponent).join('/');
  return [
    ...(needsToken ? [`export HF_TOKEN=$(${TOKEN})`] : []),
    '# Goes on where it was cut off.',
    `curl -fLO -C -${token} ${url}/${prefix}${name}/resolve/main/${file}`,
  ].join('\n');
}

function flywheel({ kind, name }: Used): string {
  const type = kind === 'model' ? '' : ` --kind ${kind}`;
  return [
    `flywheel hub download ${name}${type}`,
    ...(kind === 'model' ? [`flywheel deploy ${name}`] : []),
  ].join('\n');
}
