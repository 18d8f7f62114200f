/** What is to be known of a file before it is opened: how it is kept, and what a look into it found. */
import { useTranslation } from 'react-i18next';
import type { TreeEntry } from '#client/hub-repositories.ts';
import { type Tone, Pill, Tag } from '../ui/pill.tsx';

const VERDICTS: Readonly<
  Record<
    string,
    Readonly<{ tone: Tone; label: 'files.safe' | 'files.suspicious' | 'files.unsafe' }>
  >
> = {
  safe: { tone: 'good', label: 'files.safe' },
  suspicious: { tone: 'warn', label: 'files.suspicious' },
  unsafe: { tone: 'bad', label: 'files.unsafe' },
};

export function FileMarks({ entry }: Readonly<{ entry: TreeEntry }>) {
  const { t } = useTranslation();
  const scan = entry.securityFileStatus?.pickleImportScan;
  const status = entry.securityFileStatus?.status ?? 'safe';
  // Files that run nothing when they are loaded are not worth a word.
  const isWorthSaying = (scan ?? null) !== null || status !== 'safe';
  const verdict = isWorthSaying ? VERDICTS[status] : undefined;
  return (
    <>
      {verdict !== undefined && <Pill tone={verdict.tone}>{t(verdict.label)}</Pill>}
      {keptAs(entry) !== null && <Tag>{keptAs(entry)}</Tag>}
    </>
  );
}

/** Not worth saying of small texts. */
function keptAs({ xetHash, lfs }: TreeEntry): string | null {
  if (xetHash !== undefined) return 'Xet';
  return (lfs ?? null) === null ? null : 'LFS';
}
