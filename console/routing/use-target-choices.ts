/** What a route may lead to, for its form: models, deployments of their own, and other routes. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { deploymentsQuery } from '../deployments/queries.ts';
import { modelsQuery } from '../models/queries.ts';
import type { Choice } from '../ui/select.tsx';
import { textOf } from './draft.ts';
import { routesQuery } from './queries.ts';

/** The end of an id tells deployments of one model apart. */
const ID_TAIL = 6;

export function useTargetChoices(ownName: string): readonly Choice<string>[] {
  const { t } = useTranslation();
  const models = useInfiniteQuery(modelsQuery).data ?? [];
  const deployments = useInfiniteQuery(deploymentsQuery).data ?? [];
  const routes = useInfiniteQuery(routesQuery).data ?? [];
  const served = deployments.map(({ modelName }) => modelName);
  const names = [...new Set([...served, ...models.map(({ name }) => name)])];
  return [
    ...names.map((name) => ({ value: name, label: name })),
    ...deployments.map(({ id, modelName }) => ({
      value: textOf({ model: modelName, deploymentId: id }),
      label: modelName,
      detail: t('routing.onlyDeployment', { id: id.slice(-ID_TAIL) }),
    })),
    ...routes
      .filter(({ name }) => name !== ownName && !names.includes(name))
      .map(({ name }) => ({ value: name, label: name, detail: t('routing.route') })),
  ];
}
