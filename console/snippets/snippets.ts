/** The same call as curl, Python and Node over any of the cloud's APIs, for pasting. Pure. */
import { writeNode } from './node.ts';
import { writePython } from './python.ts';
import { type SnippetCall, type SnippetWire, wireRequest } from './wires.ts';

export type SnippetLanguage = 'curl' | 'python' | 'node';

export const SNIPPET_LABELS: Readonly<Record<SnippetLanguage, string>> = {
  curl: 'curl',
  python: 'Python',
  node: 'Node.js',
};

export function writeSnippets(
  call: SnippetCall,
  wire: SnippetWire = 'chat',
): readonly Readonly<{ language: SnippetLanguage; label: string; code: string }>[] {
  return [
    { language: 'curl', label: SNIPPET_LABELS.curl, code: writeCurl(wire, call) },
    { language: 'python', label: SNIPPET_LABELS.python, code: writePython(wire, call) },
    { language: 'node', label: SNIPPET_LABELS.node, code: writeNode(wire, call) },
  ];
}

function writeCurl(wire: SnippetWire, call: SnippetCall): string {
  const { path, headers, body } = wireRequest(wire, call);
  const text = JSON.stringify(body, null, 2).replaceAll('\n', '\n  ');
  return [
    `curl ${call.url}${path} \\`,
    ...headers.map((header) => `  -H "${header}" \\`),
    '  -H "Content-Type: application/json" \\',
    `  -d '${text.replaceAll("'", String.raw`'\''`)}'`,
  ].join('\n');
}
