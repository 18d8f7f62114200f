/** The snippets as tabs with a copy button; the language chosen last stays chosen. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeTabs } from '../ui/code-block.tsx';
import { type SnippetCall, type SnippetLanguage, writeSnippets } from './snippets.ts';

const STORAGE = 'flywheel.snippet';

export function SnippetTabs({ call }: Readonly<{ call: SnippetCall }>) {
  const { t } = useTranslation();
  const [language, setLanguage] = useState<SnippetLanguage>(storedLanguage);
  return (
    <CodeTabs
      label={t('snippet.language')}
      copyLabel={t('action.copy')}
      copiedLabel={t('action.copied')}
      snippets={writeSnippets(call)}
      language={language}
      onLanguage={(next) => {
        localStorage.setItem(STORAGE, next);
        setLanguage(next);
      }}
    />
  );
}

function storedLanguage(): SnippetLanguage {
  const stored = localStorage.getItem(STORAGE);
  return stored === 'python' || stored === 'node' ? stored : 'curl';
}
