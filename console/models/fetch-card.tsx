/** How to fetch the files with the clients people have; the client chosen last stays chosen. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ModelDetail } from '../cloud.ts';
import { CodeTabs } from '../ui/code-block.tsx';
import { type FetchLanguage, fetchSnippets } from './fetch-snippets.ts';

type File = ModelDetail['revisions'][number]['files'][number];

const STORAGE = 'flywheel.fetch';

export function FetchCard({ model, files }: Readonly<{ model: ModelDetail; files: readonly File[] }>) {
  const { t } = useTranslation();
  const [language, setLanguage] = useState<FetchLanguage>(stored);
  const [largest] = files.toSorted((left, right) => right.sizeBytes - left.sizeBytes);
  if (largest === undefined) return null;
  const isPrivate = model.visibility === 'private';
  const url = globalThis.location.origin;
  return (
    <section className="mb-6">
      <h2 className="text-sm font-medium">{t('model.fetch')}</h2>
      <p className="mt-1 mb-3 text-sm text-muted">
        {t(isPrivate ? 'model.fetchPrivate' : 'model.fetchPublic')}
      </p>
      <CodeTabs
        label={t('model.fetchWith')}
        copyLabel={t('action.copy')}
        copiedLabel={t('action.copied')}
        snippets={fetchSnippets({ url, model: model.name, path: largest.path, isPrivate })}
        language={language}
        onLanguage={(next) => {
          localStorage.setItem(STORAGE, next);
          setLanguage(next);
        }}
      />
    </section>
  );
}

function stored(): FetchLanguage {
  const found = localStorage.getItem(STORAGE);
  return found === 'python' || found === 'node' || found === 'curl' ? found : 'hf';
}
