/** Public shapes of what is fetched. */
import { z } from '@hono/zod-openapi';

/** `GET /cloud/v1/repositories/{kind}/{owner}/{name}/downloads` */
export const downloadDaysSchema = z
  .object({
    /** UTC, the oldest first; days on which nobody came are zero. */
    days: z.array(
      z.object({
        /** `2026-11-24` */
        day: z.string(),
        /** As Hugging Face counts them. */
        downloads: z.number().int(),
        /** Different clients. */
        downloaders: z.number().int(),
        /** Of all files, also those that count for no download. */
        bytes: z.number().int(),
      }),
    ),
  })
  .openapi('DownloadDays');
export type DownloadDays = z.infer<typeof downloadDaysSchema>;
