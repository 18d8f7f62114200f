/** A call as JavaScript for Node, with the package that people use for the API. Pure. */
import { type SnippetCall, type SnippetWire, type WireRequest, wireRequest } from './wires.ts';

const KEY = 'process.env.FLYWHEEL_API_KEY';

export function writeNode(wire: SnippetWire, call: SnippetCall): string {
  return WRITERS[wire](call, wireRequest(wire, call)).join('\n');
}

type Writer = (call: SnippetCall, request: WireRequest) => readonly string[];

const WRITERS: Readonly<Record<SnippetWire, Writer>> = {
  chat: (call, { body }) => [
    ...client('OpenAI', 'openai', `${call.url}/v1`),
    `const stream = await client.chat.completions.create(${objectOf(body)});`,
    'for await (const chunk of stream) {',
    "  process.stdout.write(chunk.choices[0]?.delta?.content ?? '');",
    '}',
  ],
  responses: (call, { body }) => [
    ...client('OpenAI', 'openai', `${call.url}/v1`),
    `const stream = await client.responses.create(${objectOf(body)});`,
    'for await (const event of stream) {',
    "  if (event.type === 'response.output_text.delta') process.stdout.write(event.delta);",
    '}',
  ],
  messages: (call, { body }) => {
    const { stream: _, ...settings } = body;
    return [
      ...client('Anthropic', '@anthropic-ai/sdk', call.url),
      `const stream = client.messages.stream(${objectOf(settings)});`,
      "stream.on('text', (text) => process.stdout.write(text));",
      'await stream.finalMessage();',
    ];
  },
  // There is no package of theirs for Node; the answer comes whole here.
  dashscope: (call, { path, body }) => [
    `const response = await fetch('${call.url}${path}', {`,
    "  method: 'POST',",
    '  headers: {',
    `    Authorization: \`Bearer \${${KEY}}\`,`,
    "    'Content-Type': 'application/json',",
    '  },',
    `  body: JSON.stringify(${objectOf(whole(body)).replaceAll('\n', '\n  ')}),`,
    '});',
    'const { output } = await response.json();',
    'console.log(output.choices[0].message.content);',
  ],
};

/** Increments belong to a stream. */
function whole(body: Readonly<Record<string, unknown>>) {
  const parameters = { ...Object(body['parameters']), incremental_output: undefined };
  return { ...body, parameters };
}

function client(name: string, packageName: string, url: string): string[] {
  return [
    `import ${name} from '${packageName}';`,
    '',
    `const client = new ${name}({`,
    `  baseURL: '${url}',`,
    `  apiKey: ${KEY},`,
    '});',
    '',
  ];
}

function objectOf(value: object): string {
  return JSON.stringify(value, null, 2).replace(/^(\s*)"([a-z_]+)":/gm, '$1$2:');
}
