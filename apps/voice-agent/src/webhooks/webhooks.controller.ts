import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../access/public.decorator.js';
import { found } from '../problems/found.js';
import {
  conversationInitiation,
  conversationInitiationData,
  type ConversationInitiation,
  type ConversationInitiationData,
} from './conversation-initiation.schema.js';
import { ConversationInitiationService } from './conversation-initiation.service.js';
import { WEBHOOK_SECRET_HEADER, WebhookSecretGuard } from './webhook-secret.guard.js';

/** Called by ElevenLabs, not by an organization: the tenant follows from the number that was called. */
@ApiTags('webhooks')
@ApiHeader({ name: WEBHOOK_SECRET_HEADER, required: true })
@Controller('webhooks')
@UseGuards(WebhookSecretGuard)
export class WebhooksController {
  constructor(private readonly conversationInitiation: ConversationInitiationService) {}

  @Public()
  @Post('conversation-initiation')
  @HttpCode(200)
  @ApiOperation({ summary: 'A call comes in: what should the agent know?', security: [] })
  @ApiOkResponse({ standardSchema: conversationInitiationData })
  async initiate(
    @Body({ schema: conversationInitiation }) call: ConversationInitiation,
  ): Promise<ConversationInitiationData> {
    return found(await this.conversationInitiation.initiate(call), 'organization');
  }
}
