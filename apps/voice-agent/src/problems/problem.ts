import { z } from 'zod';

/** What every error answer looks like (RFC 9457, `application/problem+json`). */
export const problemSchema = z.object({
  type: z.string().meta({ description: 'about:blank: the status says it all' }),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string().meta({ description: 'The path that was asked' }),
  errors: z
    .array(z.object({ field: z.string(), message: z.string() }))
    .optional()
    .meta({ description: 'The fields at fault' }),
});

export type Problem = z.infer<typeof problemSchema>;
export type FieldError = NonNullable<Problem['errors']>[number];
