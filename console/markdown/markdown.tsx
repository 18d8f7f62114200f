/** Draws Markdown as React elements. Nothing in it is ever HTML, so a card cannot carry a script. */
import { type ComponentType, type ReactNode, createContext, useContext, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../ui/copy-button.tsx';
import { Formula } from './formula.tsx';
import { type Inline, isPlace, parseInline } from './parse-inline.ts';
import { type Block, parseMarkdown } from './parse-markdown.ts';

/** Where a text lies: what its relative paths lead to. Without one they stay words. */
export type MarkdownPlace = Readonly<{
  Picture: ComponentType<Readonly<{ path: string; alt: string }>>;
  PathLink: ComponentType<Readonly<{ path: string; children: ReactNode }>>;
}>;

const Place = createContext<MarkdownPlace | null>(null);

export type MarkdownProps = Readonly<{ text: string; place?: MarkdownPlace }>;

export function Markdown({ text, place }: MarkdownProps) {
  const blocks = useMemo(() => parseMarkdown(text), [text]);
  return (
    <Place value={place ?? null}>
      <div className="space-y-3 text-base leading-6 break-words">
        <Blocks blocks={blocks} />
      </div>
    </Place>
  );
}

function Blocks({ blocks }: Readonly<{ blocks: readonly Block[] }>) {
  return blocks.map((block, index) => <BlockElement key={index} block={block} />);
}

function BlockElement({ block }: Readonly<{ block: Block }>): ReactNode {
  if (block.kind === 'heading') return <Heading level={block.level} text={block.text} />;
  if (block.kind === 'paragraph') {
    return (
      <p className="whitespace-pre-line">
        <Line text={block.text} />
      </p>
    );
  }
  if (block.kind === 'math') return <Formula tex={block.text} isBlock />;
  if (block.kind === 'code') return <Code language={block.language} text={block.text} />;
  if (block.kind === 'quote') {
    return (
      <blockquote className="space-y-3 border-l-2 border-line-strong pl-4 text-muted">
        <Blocks blocks={block.blocks} />
      </blockquote>
    );
  }
  if (block.kind === 'list') return <List block={block} />;
  if (block.kind === 'table') return <DataTable head={block.head} rows={block.rows} />;
  return <hr />;
}

/** The page has its own first heading, so a card's headings start one lower. */
function Heading({ level, text }: Readonly<{ level: number; text: string }>) {
  const line = <Line text={text} />;
  const id = useContext(Place) === null ? undefined : anchorOf(text);
  const place = 'scroll-mt-20 first:pt-0';
  if (level === 1)
    return (
      <h2 id={id} className={`pt-3 text-lg font-semibold tracking-tight ${place}`}>
        {line}
      </h2>
    );
  if (level === 2)
    return (
      <h3 id={id} className={`pt-3 text-base font-semibold tracking-tight ${place}`}>
        {line}
      </h3>
    );
  return (
    <h4 id={id} className={`pt-2 font-semibold ${place}`}>
      {line}
    </h4>
  );
}

/** As GitHub makes them, behind a prefix: nothing else of the page has such a name. */
export function anchorOf(text: string): string {
  const slug = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
  return `card-${slug}`;
}

function List({ block }: Readonly<{ block: Extract<Block, { kind: 'list' }> }>) {
  const items = block.items.map((item, index) => <Item key={index} blocks={item} />);
  return block.isOrdered ? (
    <ol start={block.start} className="list-decimal space-y-1 pl-6 marker:text-faint">
      {items}
    </ol>
  ) : (
    <ul className="list-disc space-y-1 pl-6 marker:text-faint">{items}</ul>
  );
}

const TASK = /^\[( |x|X)\] /;

/** A task in a list has its box in the place of the dot. */
function Item({ blocks }: Readonly<{ blocks: readonly Block[] }>) {
  const [first, ...rest] = blocks;
  const task = first?.kind === 'paragraph' ? TASK.exec(first.text) : null;
  if (first?.kind !== 'paragraph' || task === null) {
    return (
      <li className="space-y-1.5 pl-1">
        <Blocks blocks={blocks} />
      </li>
    );
  }
  const text = `${task[1] === ' ' ? '☐' : '☑'} ${first.text.slice(task[0].length)}`;
  return (
    <li className="-ml-5 list-none space-y-1.5">
      <Blocks blocks={[{ kind: 'paragraph', text }, ...rest]} />
    </li>
  );
}

type DataTableProps = Readonly<{ head: readonly string[]; rows: readonly (readonly string[])[] }>;

function DataTable({ head, rows }: DataTableProps) {
  return (
    <div className="overflow-x-auto rounded-lg border">
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr className="border-b bg-inset text-left">
            {head.map((cell, index) => (
              <th key={index} scope="col" className="px-3 py-2 font-medium">
                <Line text={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index} className="border-b last:border-0">
              {row.map((cell, column) => (
                <td key={column} className="px-3 py-2 align-top">
                  <Line text={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Code({ language, text }: Readonly<{ language: string; text: string }>) {
  const { t } = useTranslation();
  return (
    <div className="overflow-hidden rounded-lg border bg-inset">
      <div className="flex h-9 items-center justify-between border-b pr-1 pl-3.5 font-mono text-2xs text-faint">
        {language}
        <CopyButton text={text} label={t('action.copy')} doneLabel={t('action.copied')} />
      </div>
      <pre className="overflow-x-auto p-3.5 font-mono text-xs leading-5">
        <code>{text}</code>
      </pre>
    </div>
  );
}

function Line({ text }: Readonly<{ text: string }>) {
  return <Spans spans={parseInline(text)} />;
}

function Spans({ spans }: Readonly<{ spans: readonly Inline[] }>) {
  return spans.map((span, index) => <Span key={index} span={span} />);
}

function Span({ span }: Readonly<{ span: Inline }>): ReactNode {
  if (span.kind === 'text') return span.text;
  if (span.kind === 'code') {
    return (
      <code className="rounded-sm bg-hover px-1 py-0.5 font-mono text-[0.8em]">{span.text}</code>
    );
  }
  if (span.kind === 'strong') {
    return (
      <strong className="font-semibold">
        <Spans spans={span.children} />
      </strong>
    );
  }
  if (span.kind === 'emphasis') {
    return (
      <em>
        <Spans spans={span.children} />
      </em>
    );
  }
  if (span.kind === 'strike') {
    return (
      <s>
        <Spans spans={span.children} />
      </s>
    );
  }
  if (span.kind === 'math') return <Formula tex={span.text} />;
  if (span.kind === 'image') return <Picture src={span.src} alt={span.alt} />;
  if (span.kind === 'place') return <PlaceLink span={span} />;
  return (
    <a href={span.href} target="_blank" rel="noopener noreferrer nofollow" className={LINK_CLASS}>
      <Spans spans={span.children} />
    </a>
  );
}

export const LINK_CLASS =
  'text-accent underline decoration-accent-line/40 underline-offset-2 hover:decoration-accent-line';

/** Pictures of other sites are not loaded: they would tell those sites who reads here. */
function Picture({ src, alt }: Readonly<{ src: string; alt: string }>): ReactNode {
  const place = useContext(Place);
  if (isPlace(src)) {
    return place === null ? alt : <place.Picture path={pathOf(src)} alt={alt} />;
  }
  const name = alt === '' ? src : alt;
  if (!/^https?:\/\//i.test(src)) return name;
  return (
    <span className="inline-flex items-center gap-1 rounded-sm border bg-inset px-1.5 text-xs text-muted">
      {name}
    </span>
  );
}

function PlaceLink({ span }: Readonly<{ span: Extract<Inline, { kind: 'place' }> }>): ReactNode {
  const place = useContext(Place);
  const children = <Spans spans={span.children} />;
  if (place === null) return children;
  if (span.href.startsWith('#')) {
    return (
      <a href={`#${anchorOf(decoded(span.href.slice(1)))}`} className={LINK_CLASS}>
        {children}
      </a>
    );
  }
  return <place.PathLink path={pathOf(span.href)}>{children}</place.PathLink>;
}

/** `./docs/a%20b.md?raw=true#part` is the file `docs/a b.md`. */
function pathOf(href: string): string {
  return decoded(href.replace(/[?#].*$/, '')).replace(/^(?:\.\/)+/, '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign is a letter like others.
    return text;
  }
}
