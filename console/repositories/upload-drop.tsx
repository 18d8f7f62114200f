/** Where files and folders are dropped or chosen. */
import { type ChangeEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/button.tsx';
import { classNames } from '../ui/class-names.ts';
import { UploadIcon } from '../ui/icons.tsx';
import { chosenFiles, droppedFiles } from './dropped-files.ts';
import type { Offered } from './upload-plan.ts';

export type UploadDropProps = Readonly<{ onFiles: (files: readonly Offered[]) => void }>;

export function UploadDrop({ onFiles }: UploadDropProps) {
  const { t } = useTranslation();
  const [isOver, setIsOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = ({ target }: ChangeEvent<HTMLInputElement>): void => {
    if (target.files !== null) onFiles(chosenFiles(target.files));
    // The same file may be chosen again.
    target.value = '';
  };
  return (
    <div
      data-drop
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        void droppedFiles(event.dataTransfer).then(onFiles);
      }}
      className={classNames(
        'flex flex-col items-center rounded-lg border border-dashed border-line-strong bg-inset px-4 py-8 text-center',
        isOver && 'border-accent-line bg-accent-soft',
      )}
    >
      <UploadIcon className="mb-2 size-6 text-faint" />
      <p className="text-base font-medium">{t('upload.drop')}</p>
      <p className="mt-0.5 text-sm text-muted">{t('upload.dropText')}</p>
      <div className="mt-4 flex flex-wrap justify-center gap-2">
        <Button size="sm" onClick={() => files.current?.click()}>
          {t('upload.chooseFiles')}
        </Button>
        <Button size="sm" onClick={() => folder.current?.click()}>
          {t('upload.chooseFolder')}
        </Button>
      </div>
      <input ref={files} type="file" multiple hidden data-choose="files" onChange={take} />
      <input
        ref={(element) => {
          folder.current = element;
          // React does not know the attribute by its type.
          element?.setAttribute('webkitdirectory', '');
        }}
        type="file"
        hidden
        onChange={take}
      />
    </div>
  );
}
