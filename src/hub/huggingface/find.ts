/** From names in addresses to what they stand for, as far as the viewer may see it. */
import type { Model } from '../api.ts';
import { failHub } from '../errors.ts';
import type { Hub } from '../hub.ts';
import type { RevisionDetail } from '../serving.ts';
import type { Viewer } from './viewer.ts';

export type FoundRevision = Readonly<{ model: Model; revision: RevisionDetail }>;

/** ModelScope's clients say master where Hugging Face's say main: both mean what is latest. */
const LATEST = new Set(['main', 'master', 'HEAD', 'refs/heads/main', 'refs/heads/master']);
const SHA = /^[0-9a-f]{40}$/;

/** Raises `model.unknown`, also for a private model of somebody else. */
export async function findModel(hub: Hub, viewer: Viewer, name: string): Promise<Model> {
  const model = await hub.findModel(name, viewer.tenantId);
  if (model === null || model.latestRevisionId === null) {
    throw failHub('model.unknown', `There is no model ${name}, or it is not yours to see.`);
  }
  return model;
}

/** Raises `model.unknown`, `revision.unknown`. */
export async function findRevision(
  hub: Hub,
  viewer: Viewer,
  asked: Readonly<{ name: string; revision: string }>,
): Promise<FoundRevision> {
  const model = await findModel(hub, viewer, asked.name);
  const { revision: name } = asked;
  const id = LATEST.has(name) ? model.latestRevisionId : SHA.test(name) ? name : null;
  if (id === null) {
    throw failHub('revision.unknown', `${asked.name} has no revision ${name.slice(0, 100)}.`);
  }
  return { model, revision: await hub.getRevision(model.id, id) };
}
