/** The inside of a line: code, formulas, strong, emphasis, strike-through, links and pictures. Pure. */
export type Inline =
  | Readonly<{ kind: 'text'; text: string }>
  | Readonly<{ kind: 'code'; text: string }>
  | Readonly<{ kind: 'strong'; children: readonly Inline[] }>
  | Readonly<{ kind: 'emphasis'; children: readonly Inline[] }>
  | Readonly<{ kind: 'strike'; children: readonly Inline[] }>
  | Readonly<{ kind: 'link'; href: string; children: readonly Inline[] }>
  /** A place in the same repository or page: a relative path, or `#` and a heading. */
  | Readonly<{ kind: 'place'; href: string; children: readonly Inline[] }>
  | Readonly<{ kind: 'image'; src: string; alt: string }>
  | Readonly<{ kind: 'math'; text: string }>;

/** The first of these that matches takes its span; what is left of it is text. */
const SPAN = new RegExp(
  [
    '(?<ticks>`+)(?<code>.+?)(?<!`)\\k<ticks>(?!`)',
    '!\\[(?<alt>[^\\]\\n]*)\\]\\((?<src>[^()\\s]+)(?:\\s+"[^"]*")?\\)',
    // A picture may be the label: that is how badges are written.
    '\\[(?<label>(?:!\\[[^\\]\\n]*\\]\\([^()\\n]*\\)|[^\\[\\]\\n])*)\\]\\((?<href>[^()\\s]+)(?:\\s+"[^"]*")?\\)',
    // As Pandoc has it: no space inside the dollars and no digit behind them, so that prices stay prices.
    '\\\\\\((?<tex>.+?)\\\\\\)',
    '\\$\\$(?<display>[^$\\n]+?)\\$\\$',
    '(?<![\\\\$\\w])\\$(?<dollars>(?=[^\\s$])[^$\\n]*?(?<=[^\\s\\\\$]))\\$(?![\\d$])',
    '<(?<auto>https?:[^\\s<>]+)>',
    '\\*\\*(?<strong>(?=\\S).+?(?<=\\S))\\*\\*',
    '~~(?<strike>(?=\\S).+?(?<=\\S))~~',
    '(?<![\\w*])\\*(?<emphasis>(?=[^\\s*]).+?(?<=[^\\s*]))\\*(?![\\w*])',
    '(?<![\\w_])_(?<underscored>(?=[^\\s_]).+?(?<=[^\\s_]))_(?![\\w_])',
    '(?<bare>https?:\\/\\/[^\\s<>()\\]]+[^\\s<>()\\].,;:!?\'"])',
  ].join('|'),
  's',
);

export function parseInline(text: string): readonly Inline[] {
  const parts: Inline[] = [];
  let rest = text;
  for (let match = SPAN.exec(rest); match !== null; match = SPAN.exec(rest)) {
    if (match.index > 0) parts.push({ kind: 'text', text: rest.slice(0, match.index) });
    parts.push(spanOf(match.groups ?? {}, match[0]));
    rest = rest.slice(match.index + match[0].length);
  }
  if (rest !== '') parts.push({ kind: 'text', text: rest });
  return parts;
}

function spanOf(groups: Record<string, string | undefined>, source: string): Inline {
  const { code, label, href, src, alt, auto, strong, strike, emphasis, underscored, bare } = groups;
  if (code !== undefined) return { kind: 'code', text: code };
  if (src !== undefined) return { kind: 'image', src, alt: alt ?? '' };
  const formula = groups['tex'] ?? groups['display'] ?? groups['dollars'];
  if (formula !== undefined) return { kind: 'math', text: formula };
  if (href !== undefined) return linkTo(href, label === '' ? href : (label ?? href), source);
  const address = auto ?? bare;
  if (address !== undefined) {
    return { kind: 'link', href: address, children: [{ kind: 'text', text: address }] };
  }
  if (strong !== undefined) return { kind: 'strong', children: parseInline(strong) };
  if (strike !== undefined) return { kind: 'strike', children: parseInline(strike) };
  return { kind: 'emphasis', children: parseInline(emphasis ?? underscored ?? '') };
}

/** Only http, https and mail leave the page; `javascript:` and friends stay the text they are. */
function linkTo(href: string, label: string, source: string): Inline {
  if (/^(?:https?:\/\/|mailto:)/i.test(href)) {
    return { kind: 'link', href, children: parseInline(label) };
  }
  if (!isPlace(href)) return { kind: 'text', text: source };
  return { kind: 'place', href, children: parseInline(label) };
}

/** A relative path or a heading: no scheme, no address of the cloud itself. */
export function isPlace(href: string): boolean {
  return !/^(?:[a-z][a-z\d+.-]*:|[/\\])/i.test(href.trim());
}
