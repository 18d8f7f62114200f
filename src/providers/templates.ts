/** Well-known providers, so that nobody has to look up an address. Order: by name, as people search. */
import type { ProviderTemplate } from './api.ts';

const openai = (id: string, name: string, baseUrl: string, keysUrl: string): ProviderTemplate => ({
  id,
  name,
  dialect: 'openai',
  baseUrl,
  keysUrl,
});

export const TEMPLATES: readonly ProviderTemplate[] = [
  {
    id: 'dashscope',
    name: 'Alibaba Cloud Model Studio',
    dialect: 'dashscope',
    baseUrl: 'https://dashscope.aliyuncs.com',
    keysUrl: 'https://bailian.console.aliyun.com/?tab=model#/api-key',
  },
  {
    id: 'dashscope-intl',
    name: 'Alibaba Cloud Model Studio (international)',
    dialect: 'dashscope',
    baseUrl: 'https://dashscope-intl.aliyuncs.com',
    keysUrl: 'https://bailian.console.alibabacloud.com/?tab=model#/api-key',
  },
  {
    id: 'anthropic',
    name: 'Anthropic',
    dialect: 'anthropic',
    baseUrl: 'https://api.anthropic.com',
    keysUrl: 'https://console.anthropic.com/settings/keys',
  },
  openai(
    'deepseek',
    'DeepSeek',
    'https://api.deepseek.com/v1',
    'https://platform.deepseek.com/api_keys',
  ),
  openai('groq', 'Groq', 'https://api.groq.com/openai/v1', 'https://console.groq.com/keys'),
  openai('mistral', 'Mistral', 'https://api.mistral.ai/v1', 'https://console.mistral.ai/api-keys'),
  openai(
    'moonshot',
    'Moonshot AI',
    'https://api.moonshot.cn/v1',
    'https://platform.moonshot.cn/console/api-keys',
  ),
  openai('openai', 'OpenAI', 'https://api.openai.com/v1', 'https://platform.openai.com/api-keys'),
  openai('openrouter', 'OpenRouter', 'https://openrouter.ai/api/v1', 'https://openrouter.ai/keys'),
  openai(
    'siliconflow',
    'SiliconFlow',
    'https://api.siliconflow.cn/v1',
    'https://cloud.siliconflow.cn/account/ak',
  ),
  openai(
    'zhipu',
    'Zhipu AI',
    'https://open.bigmodel.cn/api/paas/v4',
    'https://open.bigmodel.cn/usercenter/apikeys',
  ),
];
