/** A call as Python, with the package that people use for the API. Pure. */
import { type SnippetCall, type SnippetWire, type WireRequest, wireRequest } from './wires.ts';

const KEY = 'api_key=os.environ["FLYWHEEL_API_KEY"]';

export function writePython(wire: SnippetWire, call: SnippetCall): string {
  return WRITERS[wire](call, wireRequest(wire, call)).join('\n');
}

type Writer = (call: SnippetCall, request: WireRequest) => readonly string[];

const WRITERS: Readonly<Record<SnippetWire, Writer>> = {
  chat: (call, { body }) => [
    ...openAi(call),
    `stream = client.chat.completions.create(`,
    ...keywords(withExtraBody(body)),
    ')',
    'for chunk in stream:',
    '    if chunk.choices:',
    '        print(chunk.choices[0].delta.content or "", end="", flush=True)',
  ],
  responses: (call, { body }) => [
    ...openAi(call),
    'stream = client.responses.create(',
    ...keywords(withExtraBody(body)),
    ')',
    'for event in stream:',
    '    if event.type == "response.output_text.delta":',
    '        print(event.delta, end="", flush=True)',
  ],
  messages: (call, { body }) => {
    const { stream: _, ...settings } = body;
    return [
      'import os',
      'from anthropic import Anthropic',
      '',
      `client = Anthropic(base_url=${text(call.url)}, ${KEY})`,
      '',
      'with client.messages.stream(',
      ...keywords(settings),
      ') as stream:',
      '    for text in stream.text_stream:',
      '        print(text, end="", flush=True)',
    ];
  },
  dashscope: (call, { body }) => {
    const { model, messages } = call;
    const settings = { model, messages, ...Object(body['parameters']), stream: true };
    return [
      'import os',
      'import dashscope',
      '',
      `dashscope.base_http_api_url = ${text(`${call.url}/api/v1`)}`,
      '',
      'answers = dashscope.Generation.call(',
      `    ${KEY},`,
      ...keywords(settings),
      ')',
      'for answer in answers:',
      '    print(answer.output.choices[0].message.content, end="", flush=True)',
    ];
  },
};

function openAi({ url }: SnippetCall): string[] {
  return [
    'import os',
    'from openai import OpenAI',
    '',
    'client = OpenAI(',
    `    base_url=${text(`${url}/v1`)},`,
    `    ${KEY},`,
    ')',
    '',
  ];
}

type Settings = Readonly<Record<string, unknown>>;

/** The package takes only what it knows by name; the rest goes through `extra_body`. */
function withExtraBody({ chat_template_kwargs, stream, ...known }: Settings): Settings {
  const extra_body = chat_template_kwargs === undefined ? undefined : { chat_template_kwargs };
  return { ...known, extra_body, stream };
}

function keywords(settings: Settings): string[] {
  return Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `    ${name}=${literal(value)},`);
}

/** JSON is nearly Python; a list of objects goes over several lines. */
function literal(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) {
    return ['[', ...value.map((item) => `        ${literal(item)},`), '    ]'].join('\n');
  }
  if (typeof value !== 'object' || value === null) return text(value);
  const pairs = Object.entries(value).map(([name, inner]) => `${text(name)}: ${literal(inner)}`);
  return `{${pairs.join(', ')}}`;
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
