/** Names of models, as people write scopes, and their ids, as calls carry them. */
import { fail } from './errors.ts';
import type { ModelDirectory, Viewer } from './ports.ts';

export type NamedModels = Readonly<{
  modelIds: readonly string[] | null;
  models: readonly string[] | null;
}>;

/** Null for any model. Raises `credit.scope_unknown`. */
export async function findModels(
  directory: ModelDirectory,
  viewer: Viewer,
  names: readonly string[] | null,
): Promise<NamedModels> {
  if (names === null) return { modelIds: null, models: null };
  const found = [];
  for (const name of new Set(names)) found.push(await findModel(directory, viewer, name));
  return { modelIds: found.map(({ id }) => id), models: found.map((model) => model.name) };
}

/** Raises `credit.scope_unknown`. */
export async function findModel(
  directory: ModelDirectory,
  viewer: Viewer,
  name: string,
): Promise<Readonly<{ id: string; name: string }>> {
  const model = await directory.find(name, viewer);
  if (model !== null) return model;
  throw fail('credit.scope_unknown', `There is no model ${JSON.stringify(name)}.`, {
    param: 'models',
  });
}
