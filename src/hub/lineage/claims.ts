/** What a derivative says of itself against what its weights say. Pure. */
import type { Base, Weights } from '../api.ts';

export const CLAIM_WARNINGS = [
  /** It says adapter and brings all weights. */
  'adapter_is_whole',
  /** It brings an adapter and says something else. */
  'is_adapter',
  /** It says it was made from this, and is built otherwise. */
  'other_architecture',
  /** It has far more or fewer parameters. */
  'other_size',
  /** It says quantised, and its numbers are as wide as the base's. */
  'not_quantized',
  /** Every byte is the base's: nothing was made. */
  'is_copy',
] as const;
export type ClaimWarning = (typeof CLAIM_WARNINGS)[number];

/** Vocabularies are widened and heads are cut; beyond this it is another model. */
const SIZE_TOLERANCE = 0.1;
const UNQUANTIZED = new Set(['F32', 'F16', 'BF16', 'FP32', 'FP16']);

type Told = Readonly<{
  relation: Base['relation'];
  weights: Weights | null;
  base: Weights | null;
  shared: Readonly<{ sharedBytes: number; totalBytes: number }> | null;
}>;

/** None where nobody can tell: without weights on one side, most of them. */
export function warningsOf({ relation, weights, base, shared }: Told): readonly ClaimWarning[] {
  if (weights === null) return [];
  const warnings: ClaimWarning[] = [];
  if (weights.isAdapter) return relation === 'adapter' ? [] : ['is_adapter'];
  if (relation === 'adapter') warnings.push('adapter_is_whole');
  if (base !== null && !base.isAdapter) warnings.push(...against(relation, weights, base));
  const isCopy =
    shared !== null && shared.totalBytes > 0 && shared.sharedBytes === shared.totalBytes;
  if (isCopy) warnings.push('is_copy');
  return warnings;
}

function against(
  relation: Base['relation'],
  weights: Weights,
  base: Weights,
): readonly ClaimWarning[] {
  const warnings: ClaimWarning[] = [];
  // GGUF and safetensors name architectures differently: compared only within one format.
  const isComparable = weights.format === base.format;
  if (isComparable && differ(weights.architecture, base.architecture)) {
    warnings.push('other_architecture');
  }
  // A file of a layered quantisation counts packed numbers, not parameters.
  const [own, its] = [weights.parameters, base.parameters];
  if (own !== null && its !== null && relation !== 'quantized' && relation !== 'merge') {
    if (Math.abs(own - its) > its * SIZE_TOLERANCE) warnings.push('other_size');
  }
  if (relation === 'quantized' && isComparable && weights.quantization !== null) {
    const isSame = weights.quantization === base.quantization;
    if (isSame && UNQUANTIZED.has(weights.quantization.toUpperCase())) {
      warnings.push('not_quantized');
    }
  }
  return warnings;
}

function differ(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one.toLowerCase() !== other.toLowerCase();
}
