/** What a person does with a model: try it, serve it, or take it away. */
import { Link, useNavigate } from '@tanstack/react-router';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ModelDetail, cloud } from '../cloud.ts';
import { deploymentsQuery } from '../deployments/queries.ts';
import { ConfirmDialog, useConfirmedRemoval } from '../shell/confirm.tsx';
import { maySee, useMe } from '../shell/session.ts';
import { IconButton, buttonClass } from '../ui/button.tsx';
import { ChatIcon, PlayIcon, TrashIcon } from '../ui/icons.tsx';
import { modelsQuery } from './queries.ts';

export function ModelActions({ model }: Readonly<{ model: ModelDetail }>) {
  const { t } = useTranslation();
  const isBuilder = maySee(useMe().role, 'building');
  const { data } = useInfiniteQuery(deploymentsQuery);
  const served = (data ?? []).find(({ modelId }) => modelId === model.id);
  return (
    <div className="flex flex-wrap gap-2">
      {isBuilder && <RemoveModel model={model} />}
      {isBuilder && (
        <Link
          to="/deployments"
          search={{ create: model.name }}
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
    </div>
  );
}

function RemoveModel({ model }: Readonly<{ model: ModelDetail }>) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [isOpen, setIsOpen] = useState(false);
  const removal = useConfirmedRemoval({
    remove: async (name) => {
      await cloud.models.remove(name);
      await navigate({ to: '/models', search: {} });
    },
    queryKey: modelsQuery.queryKey,
    done: t('model.deleted'),
    onClose: () => setIsOpen(false),
  });
  return (
    <>
      <IconButton label={t('model.delete')} onClick={() => setIsOpen(true)}>
        <TrashIcon />
      </IconButton>
      <ConfirmDialog
        isOpen={isOpen}
        title={t('model.deleteTitle', { name: model.name })}
        text={t('model.deleteText')}
        confirmLabel={t('action.delete')}
        isBusy={removal.isPending}
        onConfirm={() => removal.mutate(model.name)}
        onClose={() => setIsOpen(false)}
      />
    </>
  );
}
