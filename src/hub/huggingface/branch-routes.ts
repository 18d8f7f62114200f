/** Branches, tags, a squashed history, and the large files that a repository keeps. */
import { z } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import { REPOSITORY, param, readJson } from '../face/address.ts';
import { type Face, authorOf, changeable, seen } from '../face/parts.ts';
import { requireFiles } from '../face/resolve.ts';

const revision = z.string().min(1).max(300);
const branchSchema = z.object({ startingPoint: revision.nullish() });
const tagSchema = z.object({ tag: revision, message: z.string().max(10_000).nullish() });
const squashSchema = z.object({ message: z.string().max(10_000).nullish() });
const deletionSchema = z.object({
  deletions: z.object({
    sha: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(1000),
    rewriteHistory: z.boolean().default(true),
  }),
});
const copySchema = z.object({
  target: z.object({ type: z.string().max(20), name: z.string().max(200) }),
  files: z.array(z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) })).max(1000),
});

export function addBranchRoutes(api: Hono, face: Face): void {
  const { history } = face.hub;
  api.post(`${REPOSITORY}/branch/:branch{.+}`, async (context) => {
    const { repository } = await changeable(face, context, 'write');
    const { startingPoint } = await readJson(context, branchSchema);
    const name = param(context, 'branch');
    const from = startingPoint ?? 'main';
    await history.createRef(repository, { kind: 'branch', name, from, message: '' });
    return context.json({}, 201);
  });
  api.delete(`${REPOSITORY}/branch/:branch{.+}`, async (context) => {
    const { repository } = await changeable(face, context, 'write');
    const name = param(context, 'branch');
    await history.removeRef(repository, { kind: 'branch', name });
    return context.json({});
  });
  api.post(`${REPOSITORY}/tag/:revision{.+}`, async (context) => {
    const { repository } = await changeable(face, context, 'write');
    const { tag, message } = await readJson(context, tagSchema);
    const from = param(context, 'revision');
    await history.createRef(repository, { kind: 'tag', name: tag, from, message: message ?? '' });
    return context.json({}, 201);
  });
  api.delete(`${REPOSITORY}/tag/:tag{.+}`, async (context) => {
    const { repository } = await changeable(face, context, 'write');
    await history.removeRef(repository, {
      kind: 'tag',
      name: param(context, 'tag'),
    });
    return context.json({});
  });
  api.post(`${REPOSITORY}/super-squash/:branch{.+}`, async (context) => {
    const { viewer, repository } = await changeable(face, context, 'admin');
    const { message } = await readJson(context, squashSchema);
    const branch = param(context, 'branch');
    const author = await authorOf(face, viewer);
    const text = message ?? `Squash ${branch}`;
    return context.json({
      commitOid: await history.squash(repository, { branch, message: text, author }),
    });
  });
  addLargeFileRoutes(api, face);
}

function addLargeFileRoutes(api: Hono, face: Face): void {
  const { history, uploads } = face.hub;
  api.get(`${REPOSITORY}/lfs-files`, async (context) => {
    const { repository } = await changeable(face, context, 'write');
    const files = await history.storedFiles(repository);
    return context.json(
      files.map(({ sha256, path, sizeBytes, createdAt }) => ({
        fileOid: sha256,
        oid: sha256,
        filename: path,
        size: sizeBytes,
        pushedAt: createdAt.toISOString(),
        ref: 'refs/heads/main',
      })),
    );
  });
  api.post(`${REPOSITORY}/lfs-files/batch`, async (context) => {
    const { viewer, repository } = await changeable(face, context, 'admin');
    const { deletions } = await readJson(context, deletionSchema);
    const author = await authorOf(face, viewer);
    await history.forget(viewer, repository, { sha256s: deletions.sha, author });
    return context.json({ success: true });
  });
  api.post(`${REPOSITORY}/lfs-files/duplicate`, async (context) => {
    const viewer = await face.writerOf(context);
    const { repository } = await seen(face, context);
    requireFiles(repository);
    const { files } = await readJson(context, copySchema);
    const wanted = new Set(files.map(({ sha256 }) => sha256));
    const stored = await history.storedFiles(repository);
    const found = new Map(stored.map((file) => [file.sha256, file]));
    for (const sha256 of wanted) {
      const file = found.get(sha256);
      // Who may fetch it has it.
      if (file !== undefined) await uploads.accept({ tenantId: viewer.tenantId, ...file });
    }
    const missing = [...wanted].filter((sha256) => !found.has(sha256));
    return context.json({
      success: missing.length === 0,
      failed: missing.map((sha256) => ({ sha256, error: 'There is no such file here.' })),
    });
  });
}
