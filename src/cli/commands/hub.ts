/** `hub token create`: tokens in the shape that Hugging Face and ModelScope clients send. */
import { defineCommand } from '../command.ts';
import { printJson } from '../result.ts';
import { printSecret, readExpiry } from './key.ts';

const createToken = defineCommand({
  words: ['hub', 'token', 'create'],
  summary: 'Create a token for hub clients and show it, this once.',
  details:
    'It is a key like any other (`flywheel key list` shows it, `flywheel key revoke` ends it) and ' +
    'works for the APIs too; only its shape is what hub clients accept.',
  arguments: [{ name: 'name', kind: 'required', summary: 'What it is for.' }],
  options: {
    role: {
      type: 'string',
      summary: 'What it may do; at most what you may.',
      choices: ['owner', 'admin', 'developer', 'finance', 'viewer'],
      default: 'developer',
    },
    expires: { type: 'string', value: 'WHEN', summary: 'An end: 30d, 12h, 1y, or a date.' },
  },
  examples: [
    'HF_TOKEN=$(flywheel hub token create laptop) HF_ENDPOINT=http://localhost:8080 hf download me/qwen3-4b',
  ],
  run: async ({ arguments: { name }, options: { role, expires } }, context) => {
    const client = await context.connect();
    const key = await client.keys.create({
      name,
      kind: 'hub',
      role,
      expiresAt: readExpiry(expires),
    });
    if (context.isJson) return printJson(context, { token: key.secret, id: key.id });
    printSecret(context, key.secret);
    return undefined;
  },
});

export const hubCommands = [createToken];
