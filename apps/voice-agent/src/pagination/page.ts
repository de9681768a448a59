import { z } from 'zod';

/** Which part of a list is asked for, as query parameters. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  offset: z.coerce.number().int().min(0).max(10_000).default(0),
});

export type PageQuery = z.infer<typeof pageQuery>;

export interface Page<T> extends PageQuery {
  items: T[];
  /** How many there are in all. */
  total: number;
}

/** Describes a {@link Page} to OpenAPI. */
export function pageOf(item: z.ZodType, id: string): z.ZodType {
  return z
    .object({ items: z.array(item), total: z.int(), limit: z.int(), offset: z.int() })
    .meta({ id });
}
