/** A repository, its files and its branches in ModelScope's words. Pure. modelscope_hub: types.py, api.py. */
import type { File, Model, Visibility } from '../api.ts';
import type { Ref } from '../repositories/commit-store.ts';
import type { RevisionDetail } from '../serving.ts';
import type { TreeEntry } from '../wire/huggingface/git-object.ts';

/** 1 private, 3 internal, 5 public. */
const VISIBILITIES: Readonly<Record<Visibility, number>> = { private: 1, internal: 3, public: 5 };

export function visibilityFrom(wire: unknown): Visibility {
  const found = Object.entries(VISIBILITIES).find(([name, number]) => {
    return String(wire).toLowerCase() === name || Number(wire) === number;
  })?.[0];
  return found === 'private' || found === 'internal' ? found : 'public';
}

/** As `/api/v1` shows it. */
export function repositoryFacts(model: Model) {
  const [owner = '', name = ''] = model.name.split('/');
  return {
    Id: model.id,
    Name: name,
    Path: owner,
    Owner: owner,
    Namespace: owner,
    Visibility: VISIBILITIES[model.visibility],
    ProtectedMode: model.gated === 'no' ? 2 : 1,
    License: model.license ?? '',
    Description: model.summary,
    Tags: model.tags,
    Downloads: model.downloadsAllTime,
    Likes: model.likes,
    StorageSize: model.sizeBytes,
    CreatedTime: seconds(model.createdAt),
    LastUpdatedTime: seconds(model.updatedAt),
    CreatedAt: model.createdAt,
    LastModified: model.updatedAt,
    Revision: 'master',
  };
}

/** As `/openapi/v1` shows it. */
export function openFacts(model: Model) {
  return {
    id: model.name,
    display_name: model.name.split('/')[1] ?? model.name,
    description: model.summary,
    license: model.license ?? '',
    tags: model.tags,
    tasks: model.task === null ? [] : [model.task],
    downloads: model.downloadsAllTime,
    likes: model.likes,
    file_size: model.sizeBytes,
    private: model.visibility !== 'public',
    visibility: model.visibility,
    gated: model.gated !== 'no',
    created_at: model.createdAt,
    last_modified: model.updatedAt,
  };
}

export function fileFacts(entry: TreeEntry, revision: RevisionDetail) {
  const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
  const common = {
    Name: name,
    Path: entry.path,
    Id: entry.oid,
    Revision: revision.id,
    CommitMessage: revision.message,
    CommittedDate: seconds(revision.createdAt),
    InCheck: false,
  };
  if (entry.kind === 'folder')
    return { ...common, Type: 'tree', Mode: '40000', Size: 0, Sha256: '' };
  const { sizeBytes, sha256 }: Pick<File, 'sizeBytes' | 'sha256'> = entry.file;
  return { ...common, Type: 'blob', Mode: '100644', Size: sizeBytes, Sha256: sha256, IsLFS: true };
}

/** Clients look for the revision they were asked for in these lists: both names of the first branch are there. */
export function revisionMap(head: RevisionDetail, refs: readonly Ref[]) {
  const named = (Revision: string) => ({
    Revision,
    CreatedAt: seconds(head.createdAt),
    BranchName: Revision,
  });
  const of = (kind: Ref['kind']) =>
    refs.filter((ref) => ref.kind === kind).map(({ name }) => named(name));
  return {
    RevisionMap: {
      Branches: [named('master'), named('main'), ...of('branch')],
      Tags: of('tag').map((tag) => ({ ...tag, TagName: tag.Revision })),
    },
  };
}

function seconds(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}
