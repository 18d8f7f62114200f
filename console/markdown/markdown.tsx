/** Draws Markdown as React elements. Nothing in it is ever HTML, so a card cannot carry a script. */
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../ui/copy-button.tsx';
import { type Inline, parseInline } from './parse-inline.ts';
import { type Block, parseMarkdown } from './parse-markdown.ts';

export function Markdown({ text }: Readonly<{ text: string }>) {
  const blocks = useMemo(() => parseMarkdown(text), [text]);
  return (
    <div className="space-y-3 text-base leading-6 break-words">
      <Blocks blocks={blocks} />
    </div>
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
  if (level === 1)
    return <h2 className="pt-3 text-lg font-semibold tracking-tight first:pt-0">{line}</h2>;
  if (level === 2)
    return <h3 className="pt-3 text-base font-semibold tracking-tight first:pt-0">{line}</h3>;
  return <h4 className="pt-2 font-semibold first:pt-0">{line}</h4>;
}

function List({ block }: Readonly<{ block: Extract<Block, { kind: 'list' }> }>) {
  const items = block.items.map((item, index) => (
    <li key={index} className="space-y-1.5 pl-1">
      <Blocks blocks={item} />
    </li>
  ));
  return block.isOrdered ? (
    <ol start={block.start} className="list-decimal space-y-1 pl-6 marker:text-faint">
      {items}
    </ol>
  ) : (
    <ul className="list-disc space-y-1 pl-6 marker:text-faint">{items}</ul>
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
  return (
    <a
      href={span.href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className="text-accent underline decoration-accent-line/40 underline-offset-2 hover:decoration-accent-line"
    >
      <Spans spans={span.children} />
    </a>
  );
}
