/**
 * Drives files and batches with the unmodified `openai` package for Node and prints what it saw as JSON.
 *
 * Usage: batch-client.mjs URL KEY MODEL
 */
import OpenAI, { toFile } from 'openai';

const [url, apiKey, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, timeout: 60_000 });

const line = (index) =>
  JSON.stringify({
    custom_id: `line-${index}`,
    method: 'POST',
    url: '/v1/chat/completions',
    body: {
      model: index === 3 ? 'nobody/nothing' : model,
      max_tokens: 4,
      messages: [{ role: 'user', content: `Hello ${index}` }],
    },
  });

const input = await client.files.create({
  file: await toFile(Buffer.from([1, 2, 3].map(line).join('\n')), 'night.jsonl'),
  purpose: 'batch',
  expires_after: { anchor: 'created_at', seconds: 3600 },
});
const found = await client.files.retrieve(input.id);
const listed = [];
for await (const file of client.files.list({ purpose: 'batch' })) listed.push(file.id);

let batch = await client.batches.create({
  input_file_id: input.id,
  endpoint: '/v1/chat/completions',
  completion_window: '24h',
  metadata: { night: 'yes' },
});
const created = batch.status;
while (!['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) {
  await new Promise((resolve) => setTimeout(resolve, 200));
  batch = await client.batches.retrieve(batch.id);
}
const batches = [];
for await (const each of client.batches.list({ limit: 1 })) batches.push(each.id);

const linesOf = async (id) => {
  const text = await (await client.files.content(id)).text();
  return text.trim().split('\n').map(JSON.parse);
};
const output = await linesOf(batch.output_file_id);
const errors = await linesOf(batch.error_file_id);

const wrong = await client.files.create({
  file: await toFile(Buffer.from('{}'), 'wrong.jsonl'),
  purpose: 'batch',
});
let refused = await client.batches.create({
  input_file_id: wrong.id,
  endpoint: '/v1/chat/completions',
  completion_window: '24h',
});
while (refused.status === 'validating') {
  await new Promise((resolve) => setTimeout(resolve, 200));
  refused = await client.batches.retrieve(refused.id);
}
const deleted = await client.files.delete(input.id);
const gone = await client.files.retrieve(input.id).catch((error) => error.constructor.name);

console.log(
  JSON.stringify({
    input: { purpose: found.purpose, filename: found.filename, bytes: found.bytes === input.bytes },
    is_listed: listed.includes(input.id),
    created,
    status: batch.status,
    counts: batch.request_counts,
    metadata: batch.metadata,
    is_batch_listed: batches.includes(batch.id),
    output: output.map(({ custom_id, response }) => ({
      custom_id,
      status: response.status_code,
      object: response.body.object,
      role: response.body.choices[0].message.role,
    })),
    errors: errors.map(({ custom_id, response }) => ({
      custom_id,
      status: response.status_code,
      code: response.body.error.code,
    })),
    refused: { status: refused.status, lines: refused.errors.data.map((error) => error.line) },
    deleted: deleted.deleted,
    gone,
  }),
);
