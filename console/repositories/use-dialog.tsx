/** How to fetch and use a repository with the clients people have; the client chosen last stays chosen. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CLOUD_URL, type RepositoryDetail } from '../cloud.ts';
import { CodeText } from '../ui/code-block.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Loading } from '../ui/skeleton.tsx';
import { MAIN, addressOf } from './address.ts';
import { clientSnippets } from './client-snippets.ts';
import { allFilesQuery } from './queries.ts';

const STORAGE = 'flywheel.fetch';

export type UseDialogProps = Readonly<{ repository: RepositoryDetail; onClose: () => void }>;

export function UseDialog({ repository, onClose }: UseDialogProps) {
  const { t } = useTranslation();
  const needsToken = repository.visibility !== 'public' || repository.gated !== 'no';
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('repository.useTitle', { name: repository.name })}
      description={t(needsToken ? 'repository.useWithToken' : 'repository.useOpen')}
      closeLabel={t('action.close')}
      width="46rem"
    >
      <Clients repository={repository} needsToken={needsToken} />
    </Dialog>
  );
}

type ClientsProps = Readonly<{ repository: RepositoryDetail; needsToken: boolean }>;

function Clients({ repository, needsToken }: ClientsProps) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState(() => localStorage.getItem(STORAGE) ?? 'hf');
  const { data: files, error } = useQuery(allFilesQuery(addressOf(repository), MAIN));
  // Without a list of files there are fewer clients to name, and still some.
  if (files === undefined && error === null) return <Loading className="h-72 rounded-lg" />;
  const { kind, name } = repository;
  const sized = (files ?? []).map(({ path, size }) => ({ path, sizeBytes: size }));
  const snippets = clientSnippets({ url: CLOUD_URL, kind, name, files: sized, needsToken });
  const shown = snippets.find(({ language }) => language === wanted) ?? snippets[0];
  if (shown === undefined) return null;
  return (
    <div className="grid gap-4 sm:grid-cols-[9.5rem_minmax(0,1fr)]">
      <fieldset
        aria-label={t('model.fetchWith')}
        className="flex min-w-0 gap-1 overflow-x-auto sm:flex-col sm:overflow-visible"
      >
        {snippets.map(({ language, label }) => (
          <button
            key={language}
            type="button"
            aria-pressed={language === shown.language}
            onClick={() => {
              localStorage.setItem(STORAGE, language);
              setWanted(language);
            }}
            className="h-8 shrink-0 rounded-md px-2.5 text-left text-sm whitespace-nowrap text-muted hover:bg-hover hover:text-ink aria-pressed:bg-hover aria-pressed:font-medium aria-pressed:text-ink"
          >
            {label}
          </button>
        ))}
      </fieldset>
      <div className="min-w-0 self-start overflow-hidden rounded-lg border bg-inset">
        <div className="flex h-9 items-center justify-between border-b pr-1 pl-4 text-xs text-faint">
          {shown.label}
          <CopyButton text={shown.code} label={t('action.copy')} doneLabel={t('action.copied')} />
        </div>
        <CodeText code={shown.code} label={shown.label} />
      </div>
    </div>
  );
}
