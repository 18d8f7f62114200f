/** The dialects that an upstream may speak, by the name that the feed gives them. */
import { anthropicUpstream } from './anthropic/upstream.ts';
import { dashScopeUpstream } from './dashscope/upstream.ts';
import { openAiUpstream } from './openai/dialect.ts';
import type { UpstreamDialect } from './wire.ts';

const UPSTREAMS: Readonly<Partial<Record<UpstreamDialect['name'], UpstreamDialect>>> = {
  openai: openAiUpstream,
  anthropic: anthropicUpstream,
  dashscope: dashScopeUpstream,
};

/** A name that is not known yet comes from a newer control: its replicas are taken for engines. */
export function upstreamDialect(name: string | undefined): UpstreamDialect {
  return Object.entries(UPSTREAMS).find(([known]) => known === name)?.[1] ?? openAiUpstream;
}
