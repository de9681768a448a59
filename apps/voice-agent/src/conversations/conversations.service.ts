import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { and, eq } from 'drizzle-orm';
import { CacheEvict } from 'nestjs-redis-cache';
import { currentOrganization } from '../access/current-organization.js';
import { InjectDatabase, type Database } from '../database/database.js';
import { conversations, messages } from '../database/schema.js';
import { LeadsService } from '../leads/leads.service.js';
import { CONVERSATION, MESSAGE } from './conversation.columns.js';
import type { Conversation, Message, NewConversation, NewMessage } from './conversation.schema.js';

const sameLead = (leadId: string) => leadId;
const leadOf = (conversation: Conversation) => conversation.leadId;

/** Conversations, and what is said in them. */
@Injectable()
export class ConversationsService {
  constructor(
    @InjectDatabase() private readonly database: Database,
    private readonly leads: LeadsService,
  ) {}

  async findById(id: string): Promise<Conversation | null> {
    const ours = eq(conversations.organizationId, currentOrganization());
    const [conversation] = await this.database
      .select(CONVERSATION)
      .from(conversations)
      .where(and(ours, eq(conversations.id, id)));
    return conversation ?? null;
  }

  /**
   * With its first message, or not at all. What `addMessage` evicts waits for the commit, as that is
   * called within the transaction; what stands on this method is evicted when it has returned.
   */
  @CacheEvict('conversation.context', { key: sameLead })
  @CacheEvict('conversation.summary', { key: sameLead })
  async open(leadId: string, { channel, message }: NewConversation): Promise<Conversation> {
    const organizationId = currentOrganization();
    return this.database.transaction(async () => {
      const [conversation] = await this.database
        .insert(conversations)
        .values({ organizationId, id: `conv_${randomUUID()}`, leadId, channel })
        .returning(CONVERSATION);
      if (!conversation) throw new Error('The new conversation was not returned');
      if (message) await this.addMessage(conversation, message);
      return conversation;
    });
  }

  /**
   * A message makes stale whatever was derived from what its lead has said and heard so far. One of
   * ours to a new lead also makes that a contacted one.
   */
  @CacheEvict('conversation.context', { key: leadOf })
  @CacheEvict('conversation.summary', { key: leadOf })
  @CacheEvict('conversation.history', { key: leadOf })
  async addMessage({ id, leadId }: Conversation, message: NewMessage): Promise<Message> {
    const organizationId = currentOrganization();
    return this.database.transaction(async () => {
      if (message.author !== 'lead') await this.leads.markContacted(leadId);
      const [added] = await this.database
        .insert(messages)
        .values({
          ...message,
          organizationId,
          id: `msg_${randomUUID()}`,
          conversationId: id,
          leadId,
        })
        .returning(MESSAGE);
      if (!added) throw new Error('The new message was not returned');
      return added;
    });
  }
}
