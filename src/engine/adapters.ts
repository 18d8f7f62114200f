/** Every adapter by its kind; the one place to add another engine. */
import { llamaAdapter } from './llama/llama.ts';
import { createOpenaiAdapter } from './openai/openai.ts';
import type { EngineAdapter, EngineKind } from './engine.ts';

export const engineAdapters: Readonly<Record<EngineKind, EngineAdapter>> = {
  llama: llamaAdapter,
  openai: createOpenaiAdapter(),
};
