/** One value in its cell: cut to what fits; the whole of it opens on a click. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { BlobPicture } from '../ui/blob-picture.tsx';
import { type CellPicture, cellPicture, cellText } from './cell-text.ts';

const SHOWN_LENGTH = 240;

export function CellValue({ value, onOpen }: Readonly<{ value: unknown; onOpen: () => void }>) {
  const { t } = useTranslation();
  const picture = cellPicture(value);
  if (picture !== null) {
    return (
      <button type="button" onClick={onOpen} aria-label={t('viewer.openPicture')}>
        <Picture picture={picture} className="max-h-24 rounded-sm" />
      </button>
    );
  }
  if (value === null || value === undefined) return <span className="text-faint italic">null</span>;
  const text = cellText(value);
  const isStructure = typeof value === 'object' && !(value instanceof Date);
  const shown = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
  const className = isStructure ? 'font-mono text-2xs' : '';
  if (text.length <= SHOWN_LENGTH && !text.includes('\n')) {
    return <span className={`break-words ${className}`}>{shown}</span>;
  }
  return (
    <button
      type="button"
      onClick={onOpen}
      className={`line-clamp-4 text-left break-words whitespace-pre-wrap hover:text-accent ${className}`}
    >
      {shown}
    </button>
  );
}

export function Picture({
  picture,
  className,
}: Readonly<{ picture: CellPicture; className: string }>) {
  const { bytes, type } = picture;
  const blob = useMemo(() => new Blob([new Uint8Array(bytes)], { type }), [bytes, type]);
  return <BlobPicture blob={blob} alt="" className={className} />;
}
