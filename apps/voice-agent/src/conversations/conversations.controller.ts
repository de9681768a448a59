import { Body, ConflictException, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RateLimited } from 'nestjs-redis-cache/throttler';
import { HumanControlService } from '../human-control/human-control.service.js';
import { LeadsService } from '../leads/leads.service.js';
import { pageOf, pageQuery, type Page, type PageQuery } from '../pagination/page.js';
import { found } from '../problems/found.js';
import {
  conversationContext,
  conversationSummary,
  type ConversationContext,
  type ConversationSummary,
} from './conversation-insight.schema.js';
import { ConversationInsightsService } from './conversation-insights.service.js';
import {
  conversationSchema,
  messageSchema,
  newConversation,
  newMessage,
  type Conversation,
  type Message,
  type NewConversation,
  type NewMessage,
} from './conversation.schema.js';
import { ConversationsService } from './conversations.service.js';
import { MessageHistoryService } from './message-history.service.js';

@ApiTags('conversations')
@Controller()
export class ConversationsController {
  constructor(
    private readonly conversations: ConversationsService,
    private readonly insights: ConversationInsightsService,
    private readonly history: MessageHistoryService,
    private readonly leads: LeadsService,
    private readonly humanControl: HumanControlService,
  ) {}

  @Get('leads/:leadId/context')
  @ApiOperation({ summary: 'What an agent should have in mind when the lead calls' })
  @ApiOkResponse({ standardSchema: conversationContext })
  async context(@Param('leadId') leadId: string): Promise<ConversationContext> {
    return this.insights.context(await this.known(leadId));
  }

  @Get('leads/:leadId/summary')
  @ApiOperation({ summary: 'All conversations with the lead, in short' })
  @ApiOkResponse({ standardSchema: conversationSummary })
  async summary(@Param('leadId') leadId: string): Promise<ConversationSummary> {
    return this.insights.summary(await this.known(leadId));
  }

  @Get('leads/:leadId/messages')
  @ApiOperation({ summary: 'What the lead and we have said, newest first' })
  @ApiOkResponse({ standardSchema: pageOf(messageSchema, 'MessagePage') })
  async messages(
    @Param('leadId') leadId: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ): Promise<Page<Message>> {
    return this.history.page(await this.known(leadId), query);
  }

  @Post('leads/:leadId/conversations')
  @ApiOperation({ summary: 'Open a conversation with the lead' })
  @ApiCreatedResponse({ standardSchema: conversationSchema })
  async open(
    @Param('leadId') leadId: string,
    @Body({ schema: newConversation }) conversation: NewConversation,
  ): Promise<Conversation> {
    return this.conversations.open(await this.known(leadId), conversation);
  }

  @Post('conversations/:conversationId/messages')
  @RateLimited('chat')
  @ApiOperation({ summary: 'Add a message; an agent may not while a human leads' })
  @ApiCreatedResponse({ standardSchema: messageSchema })
  async addMessage(
    @Param('conversationId') conversationId: string,
    @Body({ schema: newMessage }) message: NewMessage,
  ): Promise<Message> {
    const conversation = found(await this.conversations.findById(conversationId), 'conversation');
    if (message.author === 'agent' && (await this.humanControl.current(conversationId))) {
      throw new ConflictException('A human has taken this conversation over');
    }
    return this.conversations.addMessage(conversation, message);
  }

  private async known(leadId: string): Promise<string> {
    return found(await this.leads.findById(leadId), 'lead').id;
  }
}
