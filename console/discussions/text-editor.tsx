/** A text in Markdown: written, and looked at as it will be read. */
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Markdown } from '../markdown/markdown.tsx';
import { classNames } from '../ui/class-names.ts';
import { INPUT_CLASS } from '../ui/field.tsx';
import { Segmented } from '../ui/segmented.tsx';

const LENGTH_MAX = 65_536;

type View = 'write' | 'preview';

export function TextEditor({
  label,
  value,
  onChange,
}: Readonly<{ label: string; value: string; onChange: (text: string) => void }>) {
  const { t } = useTranslation();
  const id = useId();
  const [view, setView] = useState<View>('write');
  return (
    <div>
      <div className="mb-1.5 flex flex-wrap items-center justify-between gap-2">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        <Segmented<View>
          label={t('discussions.view')}
          value={view}
          onChange={setView}
          choices={[
            { value: 'write', label: t('discussions.write') },
            { value: 'preview', label: t('discussions.preview') },
          ]}
        />
      </div>
      <textarea
        id={id}
        hidden={view === 'preview'}
        value={value}
        maxLength={LENGTH_MAX}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
        className={classNames(INPUT_CLASS, 'min-h-28 resize-y py-2')}
      />
      {view === 'preview' && (
        <div className="min-h-28 rounded-md border bg-surface px-3 py-2">
          <Markdown text={value.trim() === '' ? t('discussions.nothing') : value} />
        </div>
      )}
      <p id={`${id}-hint`} className="mt-1.5 text-xs text-muted">
        {t('discussions.markdown')}
      </p>
    </div>
  );
}
