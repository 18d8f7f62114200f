/**
 * A model as Hugging Face's clients read it. Pure. Fields that this hub does not measure are left out and not
 * made up; the clients take them as unknown.
 * https://huggingface.co/docs/hub/api, huggingface_hub: hf_api.py, ModelInfo.
 */
import type { Base, File, Model } from '../../api.ts';
import { type GitFile, type TreeEntry, pointerOf } from './git-object.ts';

/** Front matter of the card: a key's values. */
export type CardFields = ReadonlyMap<string, readonly string[]>;

export type InfoOptions = Readonly<{
  /** Sizes and ids of the files too. */
  hasBlobs: boolean;
  /** Only these fields beside the names; empty means all. */
  expand: readonly string[];
}>;

export type RevisionFacts = Readonly<{ sha: string; files: readonly File[]; card: CardFields }>;

/** Always there, whatever `expand` says. */
const NAMES = new Set(['_id', 'id', 'modelId']);

export function modelInfo(
  model: Model,
  revision: RevisionFacts,
  { hasBlobs, expand }: InfoOptions,
): Record<string, unknown> {
  const info: Record<string, unknown> = {
    ...modelEntry(model),
    sha: revision.sha,
    cardData: cardData(model, revision.card),
    siblings: revision.files.map((file) => siblingOf(file, hasBlobs)),
    ...weightsInfo(model),
  };
  return only(info, expand);
}

/** Names, and what was asked for; all where nothing was. */
function only(info: Readonly<Record<string, unknown>>, expand: readonly string[]) {
  if (expand.length === 0) return info;
  const wanted = new Set(expand);
  return Object.fromEntries(
    Object.entries(info).filter(([name]) => NAMES.has(name) || wanted.has(name)),
  );
}

/** In a list: what rows say, without a look into files. */
export function listEntry(
  model: Model,
  { isFull, expand }: Readonly<{ isFull: boolean; expand: readonly string[] }>,
): Readonly<Record<string, unknown>> {
  const entry = modelEntry(model);
  if (!isFull && expand.length === 0) return entry;
  return only({ ...entry, ...weightsInfo(model), cardData: factsAsCard(model) }, expand);
}

/** The front matter, as far as the hub keeps it beside the file. */
function factsAsCard(model: Model): Readonly<Record<string, unknown>> {
  const { license, task, library, languages, datasets, tags, bases } = model;
  return {
    ...(license !== null && { license: license.toLowerCase() }),
    ...(task !== null && { pipeline_tag: task }),
    ...(library !== null && { library_name: library }),
    ...(languages.length > 0 && { language: languages }),
    ...(datasets.length > 0 && { datasets }),
    ...(tags.length > 0 && { tags }),
    ...(bases.length > 0 && { base_model: bases.map(({ name }) => name) }),
  };
}

function weightsInfo({ weights, sizeBytes, bases, downloadsAllTime }: Model) {
  return {
    usedStorage: sizeBytes,
    downloadsAllTime,
    baseModels: basesOf(bases),
    ...(weights?.format === 'gguf' && {
      gguf: {
        total: weights.parameters,
        architecture: weights.architecture,
        context_length: weights.contextLength,
      },
    }),
    ...(weights?.format === 'safetensors' &&
      weights.parameters !== null && { safetensors: { total: weights.parameters } }),
  };
}

/** In a list. */
export function modelEntry(model: Model): Readonly<Record<string, unknown>> {
  const { task, library } = model;
  const [author] = model.name.split('/');
  return {
    _id: model.id,
    id: model.name,
    modelId: model.name,
    author,
    sha: model.latestRevisionId,
    private: model.visibility !== 'public',
    visibility: model.visibility,
    gated: model.gated === 'no' ? false : model.gated,
    disabled: false,
    tags: tagsOf(model),
    createdAt: model.createdAt,
    lastModified: model.updatedAt,
    likes: model.likes,
    downloads: model.downloads,
    trendingScore: model.trending,
    ...(task !== null && { pipeline_tag: task }),
    ...(library !== null && { library_name: library }),
  };
}

/** The card's own, and those that the hub derives as Hugging Face does: license, base and its relation. */
export function tagsOf(model: Model): readonly string[] {
  const { library, task, languages, datasets } = model;
  const tags = [...(library === null ? [] : [library]), ...model.tags];
  if (task !== null) tags.push(task);
  tags.push(...languages, ...datasets.map((dataset) => `dataset:${dataset}`));
  if (model.weights !== null && model.weights.format !== 'other') tags.push(model.weights.format);
  if (model.license !== null) tags.push(`license:${model.license.toLowerCase()}`);
  for (const { name, relation } of model.bases) {
    tags.push(`base_model:${name}`, `base_model:${relation}:${name}`);
  }
  return [...new Set(tags)];
}

export function treeEntry(
  entry: TreeEntry,
  lastCommit: Readonly<{ id: string; title: string; date: string }> | null,
  xetHashes: ReadonlyMap<string, string> = new Map(),
): Readonly<Record<string, unknown>> {
  const { path, oid } = entry;
  const expanded = lastCommit === null ? {} : { lastCommit };
  if (entry.kind === 'folder') return { type: 'directory', oid, size: 0, path, ...expanded };
  const xetHash = xetHashes.get(entry.file.sha256);
  const named = xetHash === undefined ? {} : { xetHash };
  return { type: 'file', path, ...fileFacts(entry.file), ...named, ...expanded };
}

function siblingOf(file: File, hasBlobs: boolean): Readonly<Record<string, unknown>> {
  if (!hasBlobs) return { rfilename: file.path };
  const { oid: blobId, size, lfs } = fileFacts(file);
  if (lfs === undefined) return { rfilename: file.path, size, blobId };
  const { oid: sha256, ...sizes } = lfs;
  return { rfilename: file.path, size, blobId, lfs: { sha256, ...sizes } };
}

/** `lfs` only where git knows a pointer. */
function fileFacts(file: GitFile) {
  if (file.gitOid !== undefined) return { oid: file.gitOid, size: file.sizeBytes };
  const pointer = pointerOf(file);
  const lfs = { oid: file.sha256, size: file.sizeBytes, pointerSize: pointer.sizeBytes };
  return { oid: pointer.oid, size: file.sizeBytes, lfs };
}

function cardData(model: Model, card: CardFields): Readonly<Record<string, unknown>> {
  const data: Record<string, unknown> = {};
  for (const [name, values] of card) data[name] = values.length === 1 ? values[0] : values;
  if (model.license !== null) data['license'] ??= model.license.toLowerCase();
  return data;
}

function basesOf(bases: readonly Base[]) {
  const [first] = bases;
  if (first === undefined) return null;
  return {
    relation: first.relation,
    models: bases.map(({ name, modelId }) => ({ _id: modelId, id: name })),
  };
}
