import { z } from 'zod';

export interface HumanControl {
  takenBy: string;
  takenAt: Date;
}

/** Who leads a conversation, as JSON: both null while it is the agent. */
export const humanControlSchema = z
  .object({
    takenBy: z.string().nullable(),
    takenAt: z.string().meta({ format: 'date-time' }).nullable(),
  })
  .meta({ id: 'HumanControl' });

export const takeOver = z
  .object({ takenBy: z.string().trim().min(1).max(100) })
  .meta({ id: 'TakeOver' });

export type TakeOver = z.infer<typeof takeOver>;
