import { z } from 'zod';
import { leadStatus, type leads } from '../database/schema.js';
import { pageQuery } from '../pagination/page.js';
import { phoneNumber } from './phone-number.js';

export type Lead = Omit<typeof leads.$inferSelect, 'organizationId'>;

const status = z.enum(leadStatus.enumValues);
const moment = z.string().meta({ format: 'date-time' });

/** A {@link Lead} as JSON. */
export const leadSchema = z
  .object({
    id: z.string(),
    phone: z.string(),
    firstName: z.string(),
    lastName: z.string(),
    email: z.string().nullable(),
    status,
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({ id: 'Lead' });

const name = z.string().trim().min(1).max(100);

export const newLead = z
  .object({
    phone: phoneNumber,
    firstName: name,
    lastName: name,
    email: z.email().nullable().optional(),
    status: status.optional(),
  })
  .meta({ id: 'NewLead' });

export type NewLead = z.infer<typeof newLead>;

export const leadImport = z
  .object({ leads: z.array(newLead).min(1).max(100) })
  .meta({ id: 'LeadImport' });

export type LeadImport = z.infer<typeof leadImport>;

export const leadChanges = newLead.partial().meta({ id: 'LeadChanges' });

export type LeadChanges = z.infer<typeof leadChanges>;

export const leadQuery = pageQuery.extend({ status: status.optional() });

export type LeadQuery = z.infer<typeof leadQuery>;
