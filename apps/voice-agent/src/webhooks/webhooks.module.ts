import { Module } from '@nestjs/common';
import { ConversationsModule } from '../conversations/conversations.module.js';
import { LeadsModule } from '../leads/leads.module.js';
import { OrganizationsModule } from '../organizations/organizations.module.js';
import { CacheAlertsController } from './cache-alerts.controller.js';
import { ConversationInitiationService } from './conversation-initiation.service.js';
import { WebhooksController } from './webhooks.controller.js';

@Module({
  imports: [OrganizationsModule, LeadsModule, ConversationsModule],
  controllers: [WebhooksController, CacheAlertsController],
  providers: [ConversationInitiationService],
})
export class WebhooksModule {}
