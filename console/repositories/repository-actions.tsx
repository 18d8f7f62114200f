/** What one does with a repository: use it elsewhere, try it, serve it. */
import { Link } from '@tanstack/react-router';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RepositoryDetail } from '../cloud.ts';
import { AddToCollection } from '../collections/add-to-collection.tsx';
import { deploymentsQuery } from '../deployments/queries.ts';
import { LikeButton } from '../discussions/like-button.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { ChatIcon, CodeIcon, PlayIcon } from '../ui/icons.tsx';
import { addressOf } from './address.ts';
import { UseDialog } from './use-dialog.tsx';

export function RepositoryActions({ repository }: Readonly<{ repository: RepositoryDetail }>) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const isModel = repository.kind === 'model';
  const at = addressOf(repository);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <LikeButton {...at} />
      <AddToCollection {...at} />
      <Button onClick={() => setIsOpen(true)}>
        <CodeIcon />
        {t(isModel ? 'repository.useModel' : 'repository.useIt')}
      </Button>
      {isModel && <ServingActions repository={repository} />}
      {isOpen && <UseDialog repository={repository} onClose={() => setIsOpen(false)} />}
    </div>
  );
}

function ServingActions({ repository }: Readonly<{ repository: RepositoryDetail }>) {
  const { t } = useTranslation();
  const isBuilder = maySee(useMe().role, 'building');
  const { data } = useInfiniteQuery(deploymentsQuery);
  const served = (data ?? []).find(({ modelId }) => modelId === repository.id);
  return (
    <>
      {isBuilder && repository.weights !== null && (
        <Link
          to="/deployments"
          search={{ create: repository.name }}
          className={buttonClass(served === undefined ? 'primary' : 'secondary')}
        >
          <PlayIcon />
          {t('models.deploy')}
        </Link>
      )}
      {served !== undefined && (
        <Link
          to="/playground"
          search={{ model: served.modelName }}
          className={buttonClass('primary')}
        >
          <ChatIcon />
          {t('models.try')}
        </Link>
      )}
    </>
  );
}
