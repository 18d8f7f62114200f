/**
 * What real services said they used, copied from where somebody published it, for tests: the numbers are
 * theirs, and so are the names. Each says where it is from and what it shows.
 */

/** LiteLLM issue 14849: Gemini behind OpenAI's shape; the cached were once billed twice, 0.7642 for 0.1849. */
export const CACHED_LONG_PROMPT = {
  total_tokens: 264_704,
  prompt_tokens: 262_960,
  completion_tokens: 1_744,
  prompt_tokens_details: { text_tokens: 262_960, cached_tokens: 257_955 },
  completion_tokens_details: { reasoning_tokens: 0 },
};

/** LiteLLM issue 6215: a cached chat of OpenAI's own. */
export const CACHED_CHAT = {
  prompt_tokens: 2_006,
  completion_tokens: 300,
  total_tokens: 2_306,
  prompt_tokens_details: { cached_tokens: 1_920 },
  completion_tokens_details: { reasoning_tokens: 0 },
};

/** DeepSeek's own names for a cache. https://api-docs.deepseek.com/guides/kv_cache */
export const HIT_AND_MISS = {
  prompt_tokens: 9_100,
  completion_tokens: 25,
  total_tokens: 9_125,
  prompt_cache_hit_tokens: 9_000,
  prompt_cache_miss_tokens: 100,
};

/** LiteLLM pull request 32073: a stream of Anthropic's whose whole cache write lives an hour. */
export const WRITTEN_FOR_AN_HOUR = {
  input_tokens: 15,
  cache_creation_input_tokens: 4_803,
  cache_read_input_tokens: 0,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 4_803 },
  output_tokens: 47,
};

/**
 * LiteLLM issue 42663: a stream with a server's tool. The first event has the split of the first round, the
 * last one the whole; billed by the first, 152,967 tokens were free.
 */
export const GROWING_STREAM = {
  first: {
    input_tokens: 123_201,
    cache_creation_input_tokens: 31_490,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 31_490, ephemeral_1h_input_tokens: 0 },
    output_tokens: 1,
  },
  last: {
    input_tokens: 123_201,
    cache_creation_input_tokens: 184_457,
    cache_read_input_tokens: 426_653,
    output_tokens: 5_120,
  },
};

/** Firebase AI Logic's guide to prompt templates, gemini-3-flash-preview: thoughts stand beside the candidates. */
export const GEMINI_THOUGHTS = {
  promptTokenCount: 34,
  candidatesTokenCount: 418,
  totalTokenCount: 890,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: 34 }],
  thoughtsTokenCount: 438,
};

/** Helicone pull request 5604. */
export const GEMINI_FLASH = {
  promptTokenCount: 15,
  candidatesTokenCount: 359,
  totalTokenCount: 1_035,
  thoughtsTokenCount: 661,
};

/** The same through Gemini's endpoint of OpenAI's shape: the completion is without the thoughts, the total with. */
export const GEMINI_COMPATIBLE = {
  prompt_tokens: 15,
  completion_tokens: 359,
  total_tokens: 1_035,
  completion_tokens_details: { reasoning_tokens: 661 },
};

/** Captured from DashScope with qwen3.8-max; new-api, relaykit dto tests. The caller marked what to keep. */
export const QWEN_WRITES = {
  prompt_tokens: 3_564,
  completion_tokens: 23,
  total_tokens: 3_587,
  prompt_tokens_details: {
    cache_creation: { ephemeral_5m_input_tokens: 3_550 },
    cache_creation_input_tokens: 3_550,
    cache_type: 'ephemeral',
    cached_tokens: 0,
    text_tokens: 3_564,
  },
};

/** As above, the second call: an explicit hit. */
export const QWEN_EXPLICIT_HIT = {
  prompt_tokens: 3_564,
  completion_tokens: 34,
  total_tokens: 3_598,
  prompt_tokens_details: {
    cache_creation: { ephemeral_5m_input_tokens: 0 },
    cache_creation_input_tokens: 0,
    cache_type: 'ephemeral',
    cached_tokens: 3_550,
    text_tokens: 3_564,
  },
};

/** As above without marks: an implicit hit. */
export const QWEN_IMPLICIT_HIT = {
  prompt_tokens: 3_564,
  completion_tokens: 42,
  total_tokens: 3_606,
  prompt_tokens_details: { cached_tokens: 3_072, text_tokens: 3_564 },
};

/** qwen3.7-flash, read and written in one call, with thoughts; a proxy's test of its converter. */
export const QWEN_THINKS = {
  prompt_tokens: 1_827,
  completion_tokens: 511,
  total_tokens: 2_338,
  prompt_tokens_details: {
    cached_tokens: 1_486,
    cache_type: 'ephemeral',
    cache_creation_input_tokens: 335,
    cache_write_tokens: 335,
    cache_creation: { ephemeral_5m_input_tokens: 335 },
    text_tokens: 1_827,
  },
  completion_tokens_details: { reasoning_tokens: 486, text_tokens: 511 },
};

/** The same call on DashScope's own address, where the names are its own. "Qwen API reference". */
export const QWEN_THINKS_NATIVE = {
  input_tokens: 1_827,
  output_tokens: 511,
  total_tokens: 2_338,
  prompt_tokens_details: QWEN_THINKS.prompt_tokens_details,
  output_tokens_details: { reasoning_tokens: 486, text_tokens: 511 },
};

/** Text embeddings of DashScope count their input only. */
export const DASHSCOPE_EMBEDDING = { total_tokens: 26 };

/** OpenAI's image models count as Responses do. https://platform.openai.com/docs/api-reference/images/create */
export const OPENAI_IMAGE = {
  total_tokens: 100,
  input_tokens: 50,
  output_tokens: 50,
  input_tokens_details: { text_tokens: 10, image_tokens: 40 },
};
