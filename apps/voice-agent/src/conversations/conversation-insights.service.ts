import { Injectable } from '@nestjs/common';
import { and, count, desc, eq, max } from 'drizzle-orm';
import { Cacheable } from 'nestjs-redis-cache';
import { currentOrganization } from '../access/current-organization.js';
import { InjectDatabase, type Database } from '../database/database.js';
import { conversations, messages } from '../database/schema.js';
import { CONVERSATION, MESSAGE } from './conversation.columns.js';
import type { ConversationContext, ConversationSummary } from './conversation-insight.schema.js';

const RECENT_MESSAGES = 6;

/** What is derived from a lead's conversations. `ConversationsService` evicts it when they go on. */
@Injectable()
export class ConversationInsightsService {
  constructor(@InjectDatabase() private readonly database: Database) {}

  @Cacheable('conversation.context', { key: (leadId: string) => leadId })
  async context(leadId: string): Promise<ConversationContext> {
    const [lastConversation] = await this.database
      .select(CONVERSATION)
      .from(conversations)
      .where(conversationsOf(leadId))
      .orderBy(desc(conversations.startedAt))
      .limit(1);
    const newestFirst = await this.database
      .select(MESSAGE)
      .from(messages)
      .where(messagesOf(leadId))
      .orderBy(desc(messages.sentAt), desc(messages.id))
      .limit(RECENT_MESSAGES);
    return { lastConversation: lastConversation ?? null, recentMessages: newestFirst.reverse() };
  }

  /** Stands for what a real agent would have a language model write: worth twenty minutes of cache. */
  @Cacheable('conversation.summary', { key: (leadId: string) => leadId })
  async summary(leadId: string): Promise<ConversationSummary> {
    const [talks] = await this.database
      .select({ number: count() })
      .from(conversations)
      .where(conversationsOf(leadId));
    const [said] = await this.database
      .select({ number: count(), last: max(messages.sentAt) })
      .from(messages)
      .where(messagesOf(leadId));
    const lastContactAt = said?.last ?? null;
    return {
      conversations: talks?.number ?? 0,
      messages: said?.number ?? 0,
      lastContactAt,
      text: lastContactAt
        ? `${said?.number} messages, the last on ${lastContactAt.toISOString().slice(0, 10)}.`
        : 'No contact yet.',
    };
  }
}

function conversationsOf(leadId: string) {
  const ours = eq(conversations.organizationId, currentOrganization());
  return and(ours, eq(conversations.leadId, leadId));
}

function messagesOf(leadId: string) {
  return and(eq(messages.organizationId, currentOrganization()), eq(messages.leadId, leadId));
}
