/** Files that changed: texts line by line, all others by size and hash. */
import { useTranslation } from 'react-i18next';
import type { Changes, FileChange } from '../cloud.ts';
import { useFormat } from '../format/format.ts';
import { classNames } from '../ui/class-names.ts';
import { ChevronRightIcon } from '../ui/icons.tsx';

/** Beyond it a file is folded, so that one long text does not hide the others. */
const OPEN_LINES_MAX = 400;

export function ChangeList({ changes }: Readonly<{ changes: Changes }>) {
  const { t } = useTranslation();
  const { files, left } = changes;
  if (files.length === 0) {
    return <p className="text-sm text-muted">{t('discussions.noChanges')}</p>;
  }
  return (
    <div className="space-y-3">
      <p className="text-sm text-muted">{t('discussions.files', { count: files.length + left })}</p>
      {files.map((file) => (
        <FileCard key={file.path} file={file} />
      ))}
      {left > 0 && (
        <p className="text-sm text-muted">{t('discussions.filesLeft', { count: left })}</p>
      )}
    </div>
  );
}

const STATUS_LABELS = {
  added: 'discussions.added',
  removed: 'discussions.removed',
  changed: 'discussions.changed',
  moved: 'discussions.moved',
} as const satisfies Readonly<Record<FileChange['status'], string>>;

function FileCard({ file }: Readonly<{ file: FileChange }>) {
  const { t } = useTranslation();
  const { hunks } = file;
  const lines = (hunks ?? []).flatMap((hunk) => hunk.lines);
  const count = (kind: string): number => lines.filter((line) => line.kind === kind).length;
  return (
    <details
      open={lines.length <= OPEN_LINES_MAX}
      className="group overflow-hidden rounded-xl border bg-surface"
    >
      <summary className="flex cursor-default flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 select-none">
        <ChevronRightIcon className="size-3.5 text-muted group-open:rotate-90" />
        <span className="min-w-0 flex-1 basis-40 font-mono text-xs break-all">
          {file.from !== null && <span className="text-muted">{file.from} → </span>}
          {file.path}
        </span>
        <span className="text-xs text-muted">{t(STATUS_LABELS[file.status])}</span>
        {lines.length > 0 && (
          <span className="flex gap-2 font-mono text-xs tabular">
            <span className="text-good">+{count('added')}</span>
            <span className="text-bad">−{count('removed')}</span>
          </span>
        )}
      </summary>
      <div className="border-t">
        {hunks === null || hunks.length === 0 ? <Sides file={file} /> : <Lines file={file} />}
      </div>
    </details>
  );
}

/** No text, or too long to be read line by line. */
function Sides({ file }: Readonly<{ file: FileChange }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const side = (of: FileChange['before']): string =>
    of === null ? t('discussions.absent') : format.bytes(of.sizeBytes);
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 px-4 py-3 text-sm">
      <dt className="text-muted">{t('discussions.before')}</dt>
      <dd>
        {side(file.before)} <Hash side={file.before} />
      </dd>
      <dt className="text-muted">{t('discussions.after')}</dt>
      <dd>
        {side(file.after)} <Hash side={file.after} />
      </dd>
    </dl>
  );
}

function Hash({ side }: Readonly<{ side: FileChange['before'] }>) {
  if (side === null) return null;
  return <code className="font-mono text-xs break-all text-muted">sha256:{side.sha256}</code>;
}

const LINE_CLASSES = {
  same: '',
  added: 'bg-good-soft',
  removed: 'bg-bad-soft',
} as const;

const MARKS = { same: ' ', added: '+', removed: '−' } as const;

function Lines({ file }: Readonly<{ file: FileChange }>) {
  return (
    // A region that scrolls must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <section className="overflow-x-auto" aria-label={file.path} tabIndex={0}>
      <table className="w-full border-collapse font-mono text-xs leading-5">
        <tbody>
          {(file.hunks ?? []).map((hunk) => (
            <Hunk key={`${hunk.beforeStart}-${hunk.afterStart}`} hunk={hunk} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

type HunkShape = NonNullable<FileChange['hunks']>[number];

/** With the number that each line has on either side. */
function numbered({ beforeStart, afterStart, lines }: HunkShape) {
  const next = { before: beforeStart, after: afterStart };
  return lines.map((line) => {
    const before = line.kind === 'added' ? null : next.before;
    const after = line.kind === 'removed' ? null : next.after;
    if (before !== null) next.before += 1;
    if (after !== null) next.after += 1;
    return { ...line, before, after };
  });
}

function Hunk({ hunk }: Readonly<{ hunk: HunkShape }>) {
  return (
    <>
      <tr className="bg-inset text-muted">
        <td colSpan={4} className="px-4">
          @@ −{hunk.beforeStart},{hunk.beforeLines} +{hunk.afterStart},{hunk.afterLines} @@
        </td>
      </tr>
      {numbered(hunk).map((line) => (
        <tr key={`${line.before}-${line.after}`} className={LINE_CLASSES[line.kind]}>
          <Numbered value={line.before} />
          <Numbered value={line.after} />
          <td
            className={classNames(
              'w-4 text-center select-none',
              line.kind === 'added' && 'text-good',
              line.kind === 'removed' && 'text-bad',
            )}
          >
            {MARKS[line.kind]}
          </td>
          <td className="pr-4 whitespace-pre">{line.text.replace(/\n$/, '')}</td>
        </tr>
      ))}
    </>
  );
}

function Numbered({ value }: Readonly<{ value: number | null }>) {
  return (
    <td className="w-10 min-w-10 px-2 text-right text-muted tabular select-none">{value ?? ''}</td>
  );
}
