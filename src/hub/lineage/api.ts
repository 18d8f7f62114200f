/** Public shapes of a family of models. */
import { z } from '@hono/zod-openapi';
import { baseSchema } from '../api.ts';
import { CLAIM_WARNINGS } from './claims.ts';

const relation = baseSchema.shape.relation;
const counts = z.object({
  adapter: z.number().int(),
  finetune: z.number().int(),
  quantized: z.number().int(),
  merge: z.number().int(),
});

const memberSchema = z.object({
  /** Its name of today; of a base that is not here, the name in the card. */
  name: z.string(),
  /** Null for a base that is not here, or not for the caller to see. */
  modelId: z.string().nullable(),
  /** How the derivative of the two was made from its base. */
  relation,
  downloads: z.number().int(),
  likes: z.number().int(),
  /** Bytes of the derivative that its base has too; null where that was not measured (yet). */
  shared: z.object({ sharedBytes: z.number().int(), totalBytes: z.number().int() }).nullable(),
  /** Where the claim does not fit. */
  warnings: z.array(z.enum(CLAIM_WARNINGS)),
  /** Further members that are not listed here. */
  moreCount: z.number().int(),
  /** True where the tree leads back to a member that stands above. */
  isRepeat: z.boolean(),
});

export type FamilyMember = z.infer<typeof memberSchema> &
  Readonly<{ members: readonly FamilyMember[] }>;

const treeSchema: z.ZodType<FamilyMember> = memberSchema
  .extend({
    get members() {
      return z.array(treeSchema);
    },
  })
  .openapi('FamilyMember');

/** `GET /cloud/v1/repositories/model/{owner}/{name}/family` */
export const familySchema = z
  .object({
    name: z.string(),
    modelId: z.string(),
    /** What it was made from, and what that was made from. */
    bases: z.array(treeSchema),
    /** What was made from it, and from that, the most downloaded first. */
    derivatives: z.array(treeSchema),
    /** Made from it directly, by relation. */
    children: counts,
    /** Made from it in any number of steps; 10,000 is "or more". */
    descendants: counts,
  })
  .openapi('Family');
export type Family = z.infer<typeof familySchema>;
