/**
 * Cards mix HTML into their Markdown. This writes what HTML says of texts, links, pictures, lists and tables as
 * Markdown, and drops everything else: scripts and styles with what is in them, other tags by themselves. Pure:
 * text in, text out; what comes out is drawn by `markdown.tsx`, which knows no HTML at all.
 */

/** Tags that are known and go away; other words in angle brackets are text (`<think>`, `<s>`). */
const KNOWN =
  'a|abbr|address|article|aside|b|big|blockquote|body|br|caption|center|cite|code|col|colgroup|dd|del|details|dfn|' +
  'div|dl|dt|em|figcaption|figure|font|footer|h[1-6]|head|header|hr|html|i|img|ins|kbd|label|li|link|main|mark|' +
  'meta|nav|ol|p|picture|pre|q|samp|section|small|source|span|strike|strong|sub|summary|sup|table|tbody|td|' +
  'tfoot|th|thead|tr|tt|u|ul|var|video|audio|wbr|button|input|form|option|select|textarea|base|svg|path|g|math';
/** Nothing in them is for a reader. */
const SILENT = 'script|style|iframe|object|embed|noscript|template|title|canvas|applet|frameset';

/** Longer tags are no tags; with a limit no text makes the search slow. */
const ATTRIBUTES = `(?:\\s[^<>]{0,2000})?`;
const TAG = new RegExp(`<(/?)(${KNOWN})(${ATTRIBUTES})/?>`, 'gi');
const SILENT_TAG = new RegExp(
  `<(${SILENT})\\b[^<>]{0,2000}>[\\s\\S]*?(?:</\\1\\s*>|$)|</?(?:${SILENT})\\b[^<>]{0,2000}>`,
  'gi',
);
const COMMENT = /<!--[\s\S]*?(?:-->|$)/g;
const FENCED = /^( {0,3}(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^ {0,3}\2[`~]*[ \t]*$|(?![\s\S])))/m;

/** Beyond it tags stay the text they are: no card is longer, and what was made to be slow ends here. */
const LENGTH_MAX = 200_000;

export function plainHtml(text: string): string {
  if (text.length > LENGTH_MAX) return text;
  // Code keeps its brackets: every second part, with its fence as another part behind it.
  const parts: string[] = [];
  let rest = text.replaceAll('\r\n', '\n');
  for (let match = FENCED.exec(rest); match !== null; match = FENCED.exec(rest)) {
    parts.push(withoutHtml(rest.slice(0, match.index)), match[0]);
    rest = rest.slice(match.index + match[0].length);
  }
  parts.push(withoutHtml(rest));
  return parts.join('');
}

function withoutHtml(text: string): string {
  if (!/[<&]/.test(text)) return text;
  return text
    .split(/(`+[^`\n]+`+)/)
    .map((part, index) => (index % 2 === 1 ? part : readHtml(part)))
    .join('');
}

function readHtml(text: string): string {
  const plain = withoutSilent(text)
    .replace(/<table\b[^<>]{0,2000}>([\s\S]*?)<\/table\s*>/gi, (_, inner: string) => tableOf(inner))
    .replace(/<a\b([^<>]{0,2000})>([\s\S]*?)<\/a\s*>/gi, (_, said: string, inner: string) =>
      anchorOf(said, inner),
    );
  return entities(withoutSilent(inlineOf(plain)));
}

/** What is taken out may leave another tag around it; so often nobody nests them but to test this. */
const PASSES_MAX = 50;

function withoutSilent(text: string): string {
  let [now, before] = [text, ''];
  for (let pass = 0; pass < PASSES_MAX && now !== before; pass += 1) {
    before = now;
    now = now.replace(COMMENT, '').replace(SILENT_TAG, '');
  }
  return now;
}

function inlineOf(text: string): string {
  return text.replace(TAG, (_, slash: string, name: string, said: string) =>
    markOf(name.toLowerCase(), slash === '/', said),
  );
}

const AROUND: Readonly<Record<string, string>> = {
  b: '**',
  strong: '**',
  i: '*',
  em: '*',
  cite: '*',
  del: '~~',
  strike: '~~',
  code: '`',
  kbd: '`',
  samp: '`',
  tt: '`',
};
const WITHIN_A_LINE =
  /^(?:a|abbr|big|dfn|font|ins|label|mark|q|small|span|sub|sup|u|var|wbr|source|g|path)$/;

function markOf(name: string, isEnd: boolean, said: string): string {
  const around = AROUND[name];
  if (around !== undefined) return around;
  if (name === 'img') return isEnd ? '' : imageOf(said);
  if (name === 'br') return '\n';
  if (name === 'hr') return '\n\n---\n\n';
  if (name === 'li') return isEnd ? '' : '\n- ';
  if (name === 'summary') return isEnd ? '**\n\n' : '\n\n**';
  if (/^h[1-6]$/.test(name)) return isEnd ? '\n\n' : `\n\n${'#'.repeat(Number(name[1]))} `;
  return WITHIN_A_LINE.test(name) ? '' : '\n\n';
}

function imageOf(said: string): string {
  const src = attribute(said, 'src');
  return src === null ? '' : `![${label(attribute(said, 'alt') ?? '')}](${address(src)})`;
}

function anchorOf(said: string, inner: string): string {
  const href = attribute(said, 'href');
  const text = inlineOf(inner).replace(/\s+/g, ' ').trim();
  if (href === null || text === '') return text;
  return `[${text}](${address(href)})`;
}

/** A table of cells, one line each, as Markdown has it; its first row is the head. */
function tableOf(inner: string): string {
  const rows = [...inner.matchAll(/<tr\b[^<>]{0,2000}>([\s\S]*?)(?=<\/?tr\b|$)/gi)].map(([, row]) =>
    [...(row ?? '').matchAll(/<t[hd]\b[^<>]{0,2000}>([\s\S]*?)(?=<\/?t[hd]\b|$)/gi)].map(
      ([, cell]) =>
        readHtml(cell ?? '')
          .replace(/\s+/g, ' ')
          .trim()
          .replaceAll('|', String.raw`\|`),
    ),
  );
  const [head, ...body] = rows.filter((row) => row.length > 0);
  if (head === undefined) return '';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return ['', '', line(head), line(head.map(() => '---')), ...body.map(line), '', ''].join('\n');
}

function attribute(said: string, name: string): string | null {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(
    said,
  );
  return found === null ? null : entities(found[1] ?? found[2] ?? found[3] ?? '');
}

function label(text: string): string {
  return text.replace(/[[\]\n]/g, ' ').trim();
}

function address(text: string): string {
  return text.trim().replace(/[\s()]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&nbsp;': ' ',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&copy;': '©',
  '&mdash;': '—',
  '&ndash;': '–',
  '&rarr;': '→',
  '&times;': '×',
  '&amp;': '&',
};

function entities(text: string): string {
  return text
    .replace(
      /&(?:nbsp|lt|gt|quot|apos|copy|mdash|ndash|rarr|times|amp);/g,
      (name) => ENTITIES[name] ?? name,
    )
    .replace(/&#(\d{1,6});/g, (_, code: string) => String.fromCodePoint(Number(code)));
}
