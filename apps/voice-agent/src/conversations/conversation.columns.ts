import { conversations, messages } from '../database/schema.js';

/** What queries select: all that callers may see, which the organization's id is no part of. */
export const CONVERSATION = {
  id: conversations.id,
  leadId: conversations.leadId,
  channel: conversations.channel,
  startedAt: conversations.startedAt,
};

export const MESSAGE = {
  id: messages.id,
  conversationId: messages.conversationId,
  author: messages.author,
  text: messages.text,
  sentAt: messages.sentAt,
};
