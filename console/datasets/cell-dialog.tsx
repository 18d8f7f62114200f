/** The whole of a value that was cut in its cell. */
import { useTranslation } from 'react-i18next';
import { CodeText } from '../ui/code-block.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog, DialogActions } from '../ui/dialog.tsx';
import { cellPicture, cellText } from './cell-text.ts';
import { Picture } from './cell-value.tsx';
import type { OpenCell } from './data-view.tsx';

export function CellDialog({ cell, onClose }: Readonly<{ cell: OpenCell; onClose: () => void }>) {
  const { t } = useTranslation();
  const { column, row, value } = cell;
  const picture = cellPicture(value);
  const text = cellText(value);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={column}
      description={t('viewer.row', { row })}
      closeLabel={t('action.close')}
      width="44rem"
    >
      {picture !== null ? (
        <Picture picture={picture} className="max-w-full rounded-md" />
      ) : (
        <>
          <div className="rounded-lg border bg-inset whitespace-pre-wrap [&_pre]:whitespace-pre-wrap">
            <CodeText code={text} label={column} />
          </div>
          <DialogActions>
            <CopyButton
              text={text}
              label={t('action.copy')}
              doneLabel={t('action.copied')}
              hasText
            />
          </DialogActions>
        </>
      )}
    </Dialog>
  );
}
