/** The public shapes of webhooks and of what was delivered to them. */
import { z } from '@hono/zod-openapi';
import { NOTICE_KINDS } from './kinds.ts';

const kindSchema = z.enum(NOTICE_KINDS);

export const webhookSchema = z
  .object({
    id: z.string(),
    tenantId: z.string(),
    name: z.string(),
    url: z.string(),
    /** Null means every kind. */
    kinds: z.array(kindSchema).nullable(),
    allowsPrivate: z.boolean(),
    state: z.enum(['active', 'paused']),
    /** Why it was paused, when nobody asked for that. */
    problem: z.string().nullable(),
    /** Until then the secret before the last rotation signs too. */
    previousSecretUntil: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Webhook');
export type Webhook = z.infer<typeof webhookSchema>;

/** The only answer that ever holds the secret. */
export const webhookCreatedSchema = webhookSchema
  .extend({ secret: z.string() })
  .openapi('WebhookCreated');
export type WebhookCreated = z.infer<typeof webhookCreatedSchema>;

export const webhookCreateSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    url: z.string().trim().min(1).max(2_000),
    kinds: z.array(kindSchema).min(1).max(NOTICE_KINDS.length).nullable().default(null),
    /** An address of the operator's own network; for the operator. */
    allowsPrivate: z.boolean().default(false),
  })
  .openapi('WebhookCreate');
export type WebhookCreate = z.input<typeof webhookCreateSchema>;

export const webhookUpdateSchema = z
  .strictObject({
    name: z.string().trim().min(1).max(100).optional(),
    kinds: z.array(kindSchema).min(1).max(NOTICE_KINDS.length).nullable().optional(),
    state: z.enum(['active', 'paused']).optional(),
  })
  .openapi('WebhookUpdate');
export type WebhookUpdate = z.input<typeof webhookUpdateSchema>;

export const deliverySchema = z
  .object({
    id: z.string(),
    /** The same for every attempt: receivers drop what they have seen by `webhook-id`. */
    noticeId: z.string(),
    kind: kindSchema,
    webhookId: z.string(),
    state: z.enum(['pending', 'delivered', 'dead']),
    attempts: z.array(
      z.object({
        at: z.iso.datetime(),
        /** Of the answer; null when there was none. */
        status: z.number().int().nullable(),
        problem: z.string().nullable(),
        durationMs: z.number().int(),
      }),
    ),
    /** Null when there is no next attempt. */
    nextAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Delivery');
export type Delivery = z.infer<typeof deliverySchema>;

export type { NoticeKind } from './kinds.ts';
