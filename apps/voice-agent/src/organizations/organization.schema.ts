import { z } from 'zod';

export const organizationSchema = z
  .object({ id: z.string(), name: z.string(), phone: z.string(), timezone: z.string() })
  .meta({ id: 'Organization' });

export type Organization = z.infer<typeof organizationSchema>;

export const organizationChanges = z
  .object({ name: z.string().trim().min(1).max(100) })
  .meta({ id: 'OrganizationChanges' });

export type OrganizationChanges = z.infer<typeof organizationChanges>;
