import { z } from 'zod';
import { callState, type calls } from '../database/schema.js';

export type Call = Omit<typeof calls.$inferSelect, 'organizationId'>;

const moment = z.string().meta({ format: 'date-time' });

/** A {@link Call} as JSON. */
export const callSchema = z
  .object({
    id: z.string(),
    leadId: z.string().nullable(),
    callSid: z.string(),
    agentId: z.string(),
    state: z.enum(callState.enumValues),
    outcome: z.string().nullable(),
    startedAt: moment,
    endedAt: moment.nullable(),
  })
  .meta({ id: 'Call' });

export const newCall = z
  .object({
    callSid: z.string().min(1).max(100),
    agentId: z.string().min(1).max(100),
    leadId: z.string().nullable().optional(),
  })
  .meta({ id: 'NewCall' });

export type NewCall = z.infer<typeof newCall>;

export const callEnd = z
  .object({ outcome: z.string().trim().min(1).max(500) })
  .meta({ id: 'CallEnd' });

export type CallEnd = z.infer<typeof callEnd>;
