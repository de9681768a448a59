import { Module } from '@nestjs/common';
import { RedisCacheModule } from 'nestjs-redis-cache';
import { HumanControlModule } from '../human-control/human-control.module.js';
import { LeadsModule } from '../leads/leads.module.js';
import { ConversationInsightsService } from './conversation-insights.service.js';
import { ConversationsController } from './conversations.controller.js';
import { ConversationsService } from './conversations.service.js';
import { GreetingsController } from './greetings.controller.js';
import { GreetingsService } from './greetings.service.js';
import { MessageHistoryService } from './message-history.service.js';

@Module({
  imports: [LeadsModule, HumanControlModule, RedisCacheModule.forFeature('conversation.history')],
  controllers: [ConversationsController, GreetingsController],
  providers: [
    ConversationsService,
    ConversationInsightsService,
    MessageHistoryService,
    GreetingsService,
  ],
  exports: [ConversationInsightsService, GreetingsService],
})
export class ConversationsModule {}
