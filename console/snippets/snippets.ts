/** The same call as curl, Python and Node, for pasting. Pure. */
export type SnippetLanguage = 'curl' | 'python' | 'node';

export const SNIPPET_LABELS: Readonly<Record<SnippetLanguage, string>> = {
  curl: 'curl',
  python: 'Python',
  node: 'Node.js',
};

export type SnippetCall = Readonly<{
  url: string;
  model: string;
  messages: readonly Readonly<{ role: string; content: string }>[];
  temperature?: number | undefined;
  topP?: number | undefined;
  maxTokens?: number | undefined;
  thinking?: boolean | undefined;
}>;

export function writeSnippets(
  call: SnippetCall,
): readonly Readonly<{ language: SnippetLanguage; label: string; code: string }>[] {
  return [
    { language: 'curl', label: SNIPPET_LABELS.curl, code: writeCurl(call) },
    { language: 'python', label: SNIPPET_LABELS.python, code: writePython(call) },
    { language: 'node', label: SNIPPET_LABELS.node, code: writeNode(call) },
  ];
}

function writeCurl(call: SnippetCall): string {
  const body = JSON.stringify({ ...bodyOf(call), stream: true }, null, 2).replaceAll('\n', '\n  ');
  return [
    `curl ${call.url}/v1/chat/completions \\`,
    '  -H "Authorization: Bearer $FLYWHEEL_API_KEY" \\',
    '  -H "Content-Type: application/json" \\',
    `  -d '${body.replaceAll("'", String.raw`'\''`)}'`,
  ].join('\n');
}

function writePython(call: SnippetCall): string {
  const settings = [
    ['model', JSON.stringify(call.model)],
    ['messages', pythonMessages(call)],
    ['temperature', call.temperature],
    ['top_p', call.topP],
    ['max_tokens', call.maxTokens],
    [
      'extra_body',
      call.thinking === undefined
        ? undefined
        : `{"chat_template_kwargs": {"enable_thinking": ${call.thinking ? 'True' : 'False'}}}`,
    ],
    ['stream', 'True'],
  ] as const;
  return [
    'import os',
    'from openai import OpenAI',
    '',
    'client = OpenAI(',
    `    base_url="${call.url}/v1",`,
    '    api_key=os.environ["FLYWHEEL_API_KEY"],',
    ')',
    '',
    'stream = client.chat.completions.create(',
    ...settings
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `    ${name}=${value},`),
    ')',
    'for chunk in stream:',
    '    if chunk.choices:',
    '        print(chunk.choices[0].delta.content or "", end="", flush=True)',
  ].join('\n');
}

function pythonMessages(call: SnippetCall): string {
  // A JSON string is also a Python string; so is a list of objects that hold nothing else.
  const lines = call.messages.map(
    ({ role, content }) => `        ${pythonMessage(role, content)},`,
  );
  return ['[', ...lines, '    ]'].join('\n');
}

function pythonMessage(role: string, content: string): string {
  return `{"role": ${JSON.stringify(role)}, "content": ${JSON.stringify(content)}}`;
}

function writeNode(call: SnippetCall): string {
  const body = JSON.stringify({ ...bodyOf(call), stream: true }, null, 2).replace(
    /^(\s*)"([a-z_]+)":/gm,
    '$1$2:',
  );
  return [
    "import OpenAI from 'openai';",
    '',
    'const client = new OpenAI({',
    `  baseURL: '${call.url}/v1',`,
    '  apiKey: process.env.FLYWHEEL_API_KEY,',
    '});',
    '',
    `const stream = await client.chat.completions.create(${body});`,
    'for await (const chunk of stream) {',
    "  process.stdout.write(chunk.choices[0]?.delta?.content ?? '');",
    '}',
  ].join('\n');
}

function bodyOf(call: SnippetCall): Record<string, unknown> {
  return {
    model: call.model,
    messages: call.messages,
    temperature: call.temperature,
    top_p: call.topP,
    max_tokens: call.maxTokens,
    chat_template_kwargs:
      call.thinking === undefined ? undefined : { enable_thinking: call.thinking },
  };
}
