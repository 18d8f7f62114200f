/** Reads the hub as @huggingface/hub does; prints what it saw. */
import { createHash } from 'node:crypto';
import {
  downloadFile,
  fileExists,
  listFiles,
  listModels,
  modelInfo,
  whoAmI,
} from '@huggingface/hub';

const [, , hubUrl, accessToken, name] = process.argv;
const options = { hubUrl, accessToken };
const files = [];
for await (const file of listFiles({ repo: name, recursive: true, ...options })) {
  if (file.type === 'file') files.push({ path: file.path, size: file.size });
}
const listed = [];
for await (const model of listModels({
  search: { query: name.split('/')[1] },
  limit: 5,
  ...options,
})) {
  listed.push(model.name);
}
const downloaded = {};
for (const { path } of files) {
  const blob = await downloadFile({ repo: name, path, ...options });
  const bytes = Buffer.from(await blob.arrayBuffer());
  downloaded[path] = createHash('sha256').update(bytes).digest('hex');
}
const info = await modelInfo({ name, additionalFields: ['sha'], ...options });
const seen = {
  who: (await whoAmI(options)).type,
  sha: info.sha,
  files,
  listed,
  downloaded,
  hasFile: [
    await fileExists({ repo: name, path: 'README.md', ...options }),
    await fileExists({ repo: name, path: 'none', ...options }),
  ],
  noModel: await modelInfo({ name: 'nobody/none', ...options }).then(
    () => 200,
    (error) => error.statusCode,
  ),
};
console.log(JSON.stringify(seen));
