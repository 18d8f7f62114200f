/** The text of a file, as far as one reads on a page; Markdown as it is meant, and as it is written. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format/format.ts';
import { Markdown } from '../markdown/markdown.tsx';
import { plainHtml } from '../markdown/plain-html.ts';
import { Failure } from '../shell/failure.tsx';
import { FileIcon } from '../ui/icons.tsx';
import { Empty } from '../ui/notice.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Loading } from '../ui/skeleton.tsx';
import { endingOf, folderOf } from './address.ts';
import type { FileViewProps } from './file-view.tsx';
import { PICTURE_TYPES, useMarkdownPlace } from './markdown-place.tsx';
import { textQuery } from './queries.ts';

/** What comes along in a commit: text of this size can be changed on a page. */
export const TEXT_BYTES_MAX = 1024 * 1024;
/** Nobody scrolls further. */
const SHOWN_BYTES = 256 * 1024;
/** Words of these are never text, whatever their first bytes look like. */
const NO_TEXT = new Set([
  'bin',
  'pt',
  'pth',
  'ckpt',
  'pkl',
  'onnx',
  'h5',
  'npy',
  'npz',
  'zip',
  'gz',
  'tar',
  'zst',
  'xz',
  '7z',
  'mp3',
  'wav',
  'flac',
  'mp4',
  'webm',
  'pdf',
  'arrow',
  'gguf',
  'safetensors',
  'parquet',
]);

/** Whether a page can show it as text, and let somebody change it. */
export function isText(path: string): boolean {
  const ending = endingOf(path);
  return !NO_TEXT.has(ending) && (ending === 'svg' || PICTURE_TYPES[ending] === undefined);
}

export function TextView(props: FileViewProps) {
  const { t } = useTranslation();
  const { at, revision, path, entry } = props;
  const isReadable = isText(path);
  const { data, error, refetch } = useQuery({
    ...textQuery(at, { revision, path }, SHOWN_BYTES),
    enabled: isReadable,
  });
  if (isReadable && error !== null) {
    return (
      <div className="p-4">
        <Failure error={error} onRetry={() => void refetch()} />
      </div>
    );
  }
  if (isReadable && data === undefined) return <Loading className="m-5 h-40 rounded-lg" />;
  if (data === undefined || data.isBinary) {
    return (
      <Empty icon={FileIcon} title={t('files.noPreview')}>
        {t('files.noPreviewText')}
      </Empty>
    );
  }
  const isCut = entry.size > SHOWN_BYTES;
  return (
    <>
      {endingOf(path) === 'md' ? (
        <MarkdownText {...props} text={data.text} />
      ) : (
        <Lines text={data.text} />
      )}
      {isCut && <Cut shownBytes={SHOWN_BYTES} />}
    </>
  );
}

export function Cut({ shownBytes }: Readonly<{ shownBytes: number }>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <p className="border-t px-5 py-3 text-xs text-muted">
      {t('files.cut', { size: format.bytes(shownBytes) })}
    </p>
  );
}

function MarkdownText({ at, revision, path, text }: FileViewProps & Readonly<{ text: string }>) {
  const { t } = useTranslation();
  const [shown, setShown] = useState<'read' | 'source'>('read');
  const place = useMarkdownPlace({ at, revision, folder: folderOf(path) });
  // The front matter is for programs.
  const body = text.replace(/^\uFEFF?---\r?\n[\s\S]*?\r?\n---[ \t]*(?:\r?\n|$)/, '');
  return (
    <div>
      <div className="px-5 pt-4">
        <Segmented
          label={t('files.view')}
          value={shown}
          onChange={setShown}
          choices={[
            { value: 'read', label: t('files.rendered') },
            { value: 'source', label: t('files.source') },
          ]}
        />
      </div>
      {shown === 'source' ? (
        <Lines text={text} />
      ) : (
        <div className="px-5 py-4">
          <Markdown text={plainHtml(body)} place={place} />
        </div>
      )}
    </div>
  );
}

/** With numbers that are not copied along. */
function Lines({ text }: Readonly<{ text: string }>) {
  const { t } = useTranslation();
  const lines = text.replace(/\n$/, '').split('\n');
  return (
    <section
      // A region that scrolls must be reachable by keyboard.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      aria-label={t('files.text')}
      className="flex max-h-[42rem] overflow-auto font-mono text-xs leading-5"
    >
      <pre
        aria-hidden="true"
        className="sticky left-0 shrink-0 border-r bg-surface px-3 py-3 text-right text-faint select-none"
      >
        {lines.map((_, index) => index + 1).join('\n')}
      </pre>
      <pre className="px-4 py-3">
        <code>{text}</code>
      </pre>
    </section>
  );
}
