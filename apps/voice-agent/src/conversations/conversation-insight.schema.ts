import { z } from 'zod';
import type { Conversation, Message } from './conversation.schema.js';
import { conversationSchema, messageSchema } from './conversation.schema.js';

/** What an agent should have in mind when a lead calls. */
export interface ConversationContext {
  lastConversation: Conversation | null;
  /** The newest messages of the lead, oldest first. */
  recentMessages: Message[];
}

/** A {@link ConversationContext} as JSON. */
export const conversationContext = z
  .object({
    lastConversation: conversationSchema.nullable(),
    recentMessages: z.array(messageSchema),
  })
  .meta({ id: 'ConversationContext' });

export interface ConversationSummary {
  conversations: number;
  messages: number;
  lastContactAt: Date | null;
  /** One line that an agent can say or be prompted with. */
  text: string;
}

/** A {@link ConversationSummary} as JSON. */
export const conversationSummary = z
  .object({
    conversations: z.int(),
    messages: z.int(),
    lastContactAt: z.string().meta({ format: 'date-time' }).nullable(),
    text: z.string(),
  })
  .meta({ id: 'ConversationSummary' });
