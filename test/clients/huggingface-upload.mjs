/** Writes to the hub as @huggingface/hub does, by LFS; prints what it saw. */
import { createHash } from 'node:crypto';
import {
  createBranch,
  createRepo,
  deleteFile,
  deleteRepo,
  downloadFile,
  listFiles,
  uploadFiles,
} from '@huggingface/hub';

const [, , hubUrl, accessToken, repo] = process.argv;
const options = { hubUrl, accessToken };
const sum = (bytes) => createHash('sha256').update(Buffer.from(bytes)).digest('hex');
const big = new Uint8Array(3_000_000).map((_, index) => (index * 31) % 251);
const made = await createRepo({ repo, visibility: 'private', license: 'mit', ...options });
const again = await createRepo({ repo, ...options }).then(
  () => 200,
  (error) => error.statusCode,
);
const commit = await uploadFiles({
  repo,
  useXet: false,
  files: [
    { path: 'big.bin', content: new Blob([big]) },
    { path: 'small.txt', content: new Blob(['small']) },
    { path: 'gone.txt', content: new Blob(['gone']) },
  ],
  ...options,
});
await deleteFile({ repo, path: 'gone.txt', ...options });
await createBranch({ repo, branch: 'dev', ...options });
const files = [];
for await (const { path } of listFiles({ repo, recursive: true, ...options })) files.push(path);
const blob = await downloadFile({ repo, path: 'big.bin', revision: 'dev', ...options });
const seen = {
  url: made.repoUrl,
  again,
  oid: commit.commit.oid,
  files,
  same: sum(await blob.arrayBuffer()) === sum(big),
};
await deleteRepo({ repo, ...options });
console.log(JSON.stringify(seen));
