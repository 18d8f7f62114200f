/** `GET /v1/models` in OpenAI's shape, with what callers of open models ask for beside it. */
import { toPerMillion } from '#pricing/per-million.ts';
import { priceInForceIn } from '#pricing/price.ts';
import type { FeedModel } from '../../feed.ts';

export type OpenAiModel = Readonly<{
  id: string;
  object: 'model';
  created: number;
  owned_by: string;
  context_length: number | null;
  capabilities: readonly string[];
  modalities: Readonly<{ input: readonly string[]; output: readonly string[] }>;
  /** Of a million tokens, as decimal strings; null where calls are free, or not to be had in the caller's currency. */
  pricing: Readonly<{
    currency: string;
    input: string;
    cached_input: string;
    output: string;
    reasoning: string;
  }> | null;
  /** Whether a prompt to it may leave this cloud, because an external provider answers for it. */
  leaves_cloud: boolean;
}>;

export type PricedAt = Readonly<{ currency: string; nowMs: number }>;

/** As somebody sees it who pays in `currency`. */
export function openAiModel(model: FeedModel, at: PricedAt): OpenAiModel {
  const slash = model.name.indexOf('/');
  return {
    id: model.name,
    object: 'model',
    created: Math.floor(model.createdAtMs / 1000),
    owned_by: slash === -1 ? 'flywheel' : model.name.slice(0, slash),
    context_length: model.contextLength,
    capabilities: model.capabilities,
    modalities: modalitiesOf(model.capabilities),
    pricing: pricingOf(model, at),
    leaves_cloud: model.leavesCloud ?? false,
  };
}

export function openAiModelList(models: readonly FeedModel[], at: PricedAt) {
  return { object: 'list', data: models.map((model) => openAiModel(model, at)) } as const;
}

function pricingOf(model: FeedModel, { currency, nowMs }: PricedAt): OpenAiModel['pricing'] {
  const price = priceInForceIn(model.prices, currency, nowMs);
  if (price === null || price === 'elsewhere') return null;
  const perMillion = toPerMillion(price.components);
  const { inputPerMillion: input, outputPerMillion: output } = perMillion;
  return {
    currency: price.currency,
    input,
    cached_input: perMillion.cacheReadPerMillion ?? input,
    output,
    reasoning: perMillion.reasoningPerMillion ?? output,
  };
}

const INPUTS: readonly (readonly [capability: string, modality: string])[] = [
  ['vision', 'image'],
  ['audio', 'audio'],
  ['transcription', 'audio'],
];
const OUTPUTS: readonly (readonly [capability: string, modality: string])[] = [
  ['chat', 'text'],
  ['completions', 'text'],
  ['embeddings', 'embedding'],
  ['images', 'image'],
  ['speech', 'audio'],
];

function modalitiesOf(capabilities: readonly string[]): OpenAiModel['modalities'] {
  const of = (pairs: typeof INPUTS): string[] =>
    pairs.flatMap(([capability, modality]) => (capabilities.includes(capability) ? modality : []));
  return { input: [...new Set(['text', ...of(INPUTS)])], output: [...new Set(of(OUTPUTS))] };
}
