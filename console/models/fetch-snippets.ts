/** How a model's files are fetched with the clients people have, told this cloud's address. Pure. */
import type { Snippet } from '../ui/code-block.tsx';

export type FetchLanguage = 'hf' | 'python' | 'node' | 'curl';

export type Fetched = Readonly<{
  url: string;
  model: string;
  /** The largest file: for clients that fetch one. */
  path: string;
  /** A token is asked for only where one is needed. */
  isPrivate: boolean;
}>;

export function fetchSnippets(fetched: Fetched): readonly Snippet<FetchLanguage>[] {
  return [
    { language: 'hf', label: 'hf', code: hf(fetched) },
    { language: 'python', label: 'Python', code: python(fetched) },
    { language: 'node', label: 'Node.js', code: node(fetched) },
    { language: 'curl', label: 'curl', code: curl(fetched) },
  ];
}

const TOKEN = 'flywheel hub token create laptop';

function hf({ url, model, isPrivate }: Fetched): string {
  const token = isPrivate ? `export HF_TOKEN=$(${TOKEN})\n` : '';
  return `export HF_ENDPOINT=${url}\n${token}hf download ${model}`;
}

function python({ url, model, isPrivate }: Fetched): string {
  const token = isPrivate ? ', token=os.environ["HF_TOKEN"]' : '';
  return [
    '# pip install huggingface_hub',
    ...(isPrivate ? ['import os', ''] : []),
    'from huggingface_hub import snapshot_download',
    '',
    `folder = snapshot_download("${model}", endpoint="${url}"${token})`,
  ].join('\n');
}

function node({ url, model, path, isPrivate }: Fetched): string {
  const token = isPrivate ? ['  accessToken: process.env.HF_TOKEN,'] : [];
  return [
    '// npm install @huggingface/hub',
    "import { downloadFile } from '@huggingface/hub';",
    '',
    'const file = await downloadFile({',
    `  hubUrl: '${url}',`,
    `  repo: '${model}',`,
    `  path: '${path}',`,
    ...token,
    '});',
  ].join('\n');
}

function curl({ url, model, path, isPrivate }: Fetched): string {
  const token = isPrivate ? ' -H "Authorization: Bearer $HF_TOKEN"' : '';
  const address = `${url}/${model}/resolve/main/${path.split('/').map(encodeURIComponent).join('/')}`;
  return `# Goes on where it was cut off.\ncurl -fLO -C -${token} ${address}`;
}
