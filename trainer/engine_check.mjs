// Runs a GGUF (and, if given, a LoRA adapter) in the embedded engine: one core, greedy.
//   node engine_check.mjs MODEL.gguf REQUESTS.json [ADAPTER.gguf]
// REQUESTS is a list of { prompt: [token id, ...], limit }. Prints JSON: load time, speed, new token ids of each.
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

const [modelPath, requestsPath, adapterPath] = process.argv.slice(2);
if (!modelPath || !requestsPath) {
  console.error('usage: node engine_check.mjs MODEL.gguf REQUESTS.json [ADAPTER.gguf]');
  process.exit(2);
}
const requests = JSON.parse(readFileSync(requestsPath, 'utf8'));
const began = performance.now();
const llama = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error, maxThreads: 1 });
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({
  contextSize: 2048,
  threads: 1,
  ...(adapterPath ? { lora: { adapters: [{ filePath: adapterPath, scale: 1 }] } } : {}),
});
const sequence = context.getSequence();
const loadMs = performance.now() - began;

const outputs = [];
let written = 0;
let writingMs = 0;
for (const { prompt, limit } of requests) {
  await sequence.clearHistory();
  const tokens = [];
  let firstAt = 0;
  for await (const token of sequence.evaluate(prompt, { temperature: 0 })) {
    if (tokens.length === 0) firstAt = performance.now();
    if (model.isEogToken(token) || tokens.length >= limit) break;
    tokens.push(token);
  }
  if (tokens.length > 1) {
    writingMs += performance.now() - firstAt;
    written += tokens.length - 1;
  }
  outputs.push(tokens);
}
// The same text tokenised by the engine, for the tokenizer comparison.
const tokenised = requests.map(({ text }) => (text === undefined ? null : model.tokenize(text, true)));
console.log(JSON.stringify({ loadMs, tokensPerSecond: (written / writingMs) * 1000, outputs, tokenised }));
await llama.dispose();
