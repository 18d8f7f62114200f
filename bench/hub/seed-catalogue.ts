/**
 * A catalogue as of a large hub, made by the database itself: names of families and sizes, few repositories that
 * everybody uses and very many that nobody does, cards in English and Chinese.
 */
import { type Database, sql } from '#platform/database.ts';

export const TENANT = 'ten_bench';
const OWNERS = 40_000;

const FAMILIES = [
  'qwen3',
  'qwen2.5',
  'qwq',
  'deepseek-r1',
  'deepseek-v3',
  'wan2.1',
  'llama-3.1',
  'mistral',
  'gemma-3',
  'phi-4',
  'whisper',
  'bge',
  'flux',
  'sdxl',
];
const SUFFIXES = [
  'instruct',
  'base',
  'gguf',
  'awq',
  'lora',
  'coder',
  'legal',
  'medical',
  'chat',
  'distill',
  'vision',
  'embedding',
  'roleplay',
  'math',
];
const TASKS = [
  'text-generation',
  'text-generation',
  'text-generation',
  'text-to-image',
  'feature-extraction',
  'automatic-speech-recognition',
  'text-classification',
  'image-text-to-text',
  'text-to-video',
  'text-to-speech',
  'image-classification',
  'translation',
];
const LIBRARIES = [
  'transformers',
  'transformers',
  'transformers',
  'gguf',
  'peft',
  'diffusers',
  'sentence-transformers',
  'mlx',
  'timm',
  'onnx',
];
const LICENSES = [
  'apache-2.0',
  'apache-2.0',
  'mit',
  'mit',
  'openrail',
  'cc-by-4.0',
  'llama3.1',
  'gemma',
  'other',
];
const LANGUAGES = ['en', 'en', 'en', 'zh', 'zh', 'de', 'fr', 'ja', 'es', 'ko', 'pt', 'ru'];
const QUANTIZATIONS = [null, null, null, 'F16', 'BF16', 'Q4_K_M', 'Q8_0', 'Q5_K_M', 'IQ4_XS'];
const WORDS_ZH = [
  '大语',
  '语言',
  '模型',
  '语音',
  '识别',
  '图像',
  '生成',
  '推理',
  '法律',
  '医疗',
  '翻译',
  '对话',
  '视频',
  '代码',
];

/** `value` of a list, chosen by a hash of the row, so that a rebuild gives the same rows. */
const pick = (list: readonly (string | null)[], salt: number) =>
  sql`(${list}::text[])[1 + (hashint8(i * 31 + ${salt})::bigint & 2147483647) % ${list.length}]`;

/** Takes minutes for a million. */
export async function seedCatalogue(database: Database, count: number): Promise<void> {
  await sql`insert into tenants (id, kind, name) values (${TENANT}, 'customer', 'Bench'), ('ten_other', 'customer', 'Other')`.execute(
    database,
  );
  await sql`alter table models disable trigger models_catalogue`.execute(database);
  await sql`
    insert into models (tenant_id, id, owner, name, kind, visibility, license, created_at, updated_at)
    select case when i % 10 = 0 then 'ten_other' else ${TENANT} end, 'mdl_' || lpad(i::text, 12, '0'),
      'owner' || (hashint8(i)::bigint & 2147483647) % ${OWNERS},
      ${pick(FAMILIES, 1)} || '-' || (i % 72) || 'b-' || ${pick(SUFFIXES, 2)} || '-' || i, 'model',
      case when i % 10 = 0 then 'private' else 'public' end, ${pick(LICENSES, 3)},
      timestamptz '2024-01-01' + i * interval '60 seconds', timestamptz '2024-01-01' + i * interval '61 seconds'
    from generate_series(1, ${count}) as i`.execute(database);
  await sql`
    insert into catalogue (tenant_id, model_id, kind, full_name, owner_folded, visibility, gated, license, task,
      library, languages, quantization, parameters, size_bytes, terms, words, created_at, updated_at,
      likes, downloads, downloads_all_time, trending)
    select m.tenant_id, m.id, m.kind, m.owner || '/' || m.name, lower(m.owner), m.visibility, m.gated, m.license,
      f.task, f.library, array[f.language], f.quantization, (i % 72) * 1000000000::bigint,
      (i % 72) * 2000000000::bigint,
      array[f.library, 'library:' || f.library, f.task, 'license:' || m.license, f.language,
        'language:' || f.language, 'base_model:owner' || i % 5000 || '/base-' || i % 20000,
        'tag-' || i % 3000, 'region:us'],
      array_to_tsvector(name_words(m.owner || '/' || m.name) || array[f.task, f.library,
        'word' || i % 20011, 'word' || i % 997, 'word' || i % 53, ${pick(WORDS_ZH, 9)}, ${pick(WORDS_ZH, 10)}]),
      m.created_at, m.updated_at, d / 20, d, d * 7, d / 11.0
    from (select m.*, substring(m.id from 5)::bigint as i from models m) as m,
      lateral (select ${pick(TASKS, 4)} as task, ${pick(LIBRARIES, 5)} as library,
        ${pick(LANGUAGES, 6)} as language, ${pick(QUANTIZATIONS, 7)} as quantization,
        -- Few are fetched very often, most never.
        (10000000 / (1 + (hashint8(i * 7)::bigint & 2147483647) % ${count}))::bigint as d) as f`.execute(
    database,
  );
  await sql`alter table models enable trigger models_catalogue`.execute(database);
  await sql`vacuum analyze catalogue`.execute(database);
  await sql`vacuum analyze models`.execute(database);
}
