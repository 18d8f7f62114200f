/**
 * Tensor types of the GGUF format: how many values one block holds and how many bytes it takes, so
 * that a tensor's extent in the file can be checked. Numbers are those of ggml.h; gaps are types
 * that were removed there or whose blocks are not settled yet.
 */
export type TensorType = Readonly<{ name: string; blockValues: number; blockBytes: number }>;

const type = (name: string, blockValues: number, blockBytes: number): TensorType => ({
  name,
  blockValues,
  blockBytes,
});

export const TENSOR_TYPES: ReadonlyMap<number, TensorType> = new Map([
  [0, type('F32', 1, 4)],
  [1, type('F16', 1, 2)],
  [2, type('Q4_0', 32, 18)],
  [3, type('Q4_1', 32, 20)],
  [6, type('Q5_0', 32, 22)],
  [7, type('Q5_1', 32, 24)],
  [8, type('Q8_0', 32, 34)],
  [9, type('Q8_1', 32, 36)],
  [10, type('Q2_K', 256, 84)],
  [11, type('Q3_K', 256, 110)],
  [12, type('Q4_K', 256, 144)],
  [13, type('Q5_K', 256, 176)],
  [14, type('Q6_K', 256, 210)],
  [15, type('Q8_K', 256, 292)],
  [16, type('IQ2_XXS', 256, 66)],
  [17, type('IQ2_XS', 256, 74)],
  [18, type('IQ3_XXS', 256, 98)],
  [19, type('IQ1_S', 256, 50)],
  [20, type('IQ4_NL', 32, 18)],
  [21, type('IQ3_S', 256, 110)],
  [22, type('IQ2_S', 256, 82)],
  [23, type('IQ4_XS', 256, 136)],
  [24, type('I8', 1, 1)],
  [25, type('I16', 1, 2)],
  [26, type('I32', 1, 4)],
  [27, type('I64', 1, 8)],
  [28, type('F64', 1, 8)],
  [29, type('IQ1_M', 256, 56)],
  [30, type('BF16', 1, 2)],
  [34, type('TQ1_0', 256, 54)],
  [35, type('TQ2_0', 256, 66)],
  [39, type('MXFP4', 32, 17)],
]);

/** `general.file_type`: the name people know a quantisation by. */
const FILE_TYPES: readonly (string | null)[] = [
  'F32', // 0
  'F16',
  'Q4_0',
  'Q4_1',
  null,
  null,
  null,
  'Q8_0', // 7
  'Q5_0',
  'Q5_1',
  'Q2_K', // 10
  'Q3_K_S',
  'Q3_K_M',
  'Q3_K_L',
  'Q4_K_S',
  'Q4_K_M', // 15
  'Q5_K_S',
  'Q5_K_M',
  'Q6_K',
  'IQ2_XXS',
  'IQ2_XS', // 20
  'Q2_K_S',
  'IQ3_XS',
  'IQ3_XXS',
  'IQ1_S',
  'IQ4_NL', // 25
  'IQ3_S',
  'IQ3_M',
  'IQ2_S',
  'IQ2_M',
  'IQ4_XS', // 30
  'IQ1_M',
  'BF16',
  null,
  null,
  null,
  'TQ1_0', // 36
  'TQ2_0',
  'MXFP4_MOE',
  'NVFP4',
  'Q1_0', // 40
  'Q2_0',
];

export function fileTypeName(fileType: number): string | null {
  return FILE_TYPES[fileType] ?? null;
}
