import { z } from 'zod';
import { author, channel, type conversations, type messages } from '../database/schema.js';

export type Conversation = Omit<typeof conversations.$inferSelect, 'organizationId'>;
export type Message = Omit<typeof messages.$inferSelect, 'organizationId' | 'leadId'>;

const moment = z.string().meta({ format: 'date-time' });

export const channelSchema = z.enum(channel.enumValues);

export type Channel = z.infer<typeof channelSchema>;

/** A {@link Conversation} as JSON. */
export const conversationSchema = z
  .object({ id: z.string(), leadId: z.string(), channel: channelSchema, startedAt: moment })
  .meta({ id: 'Conversation' });

/** A {@link Message} as JSON. */
export const messageSchema = z
  .object({
    id: z.string(),
    conversationId: z.string(),
    author: z.enum(author.enumValues),
    text: z.string(),
    sentAt: moment,
  })
  .meta({ id: 'Message' });

export const newMessage = z
  .object({ author: z.enum(author.enumValues), text: z.string().trim().min(1).max(4_000) })
  .meta({ id: 'NewMessage' });

export type NewMessage = z.infer<typeof newMessage>;

export const newConversation = z
  .object({ channel: channelSchema, message: newMessage.optional() })
  .meta({ id: 'NewConversation', description: 'May begin with a message' });

export type NewConversation = z.infer<typeof newConversation>;
