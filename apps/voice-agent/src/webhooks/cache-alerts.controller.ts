import { Body, Controller, HttpCode, Logger, Post, UseGuards } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../access/public.decorator.js';
import { CacheAlertGuard } from './cache-alert.guard.js';
import { cacheAlert, type CacheAlert } from './cache-alert.schema.js';

export const CACHE_ALERTS_PATH = 'webhooks/cache-alerts';

/** Receives the alerts of the caches, as a chat or a pager would. */
@ApiTags('webhooks')
@Controller(CACHE_ALERTS_PATH)
@UseGuards(CacheAlertGuard)
export class CacheAlertsController {
  private readonly logger = new Logger(CacheAlertsController.name);

  @Public()
  @Post()
  @HttpCode(204)
  @ApiOperation({ summary: 'An alert of the caches was raised or resolved', security: [] })
  @ApiNoContentResponse({ description: 'It is logged' })
  receive(@Body({ schema: cacheAlert }) { id, state, text }: CacheAlert): void {
    this.logger.warn(`${state} ${id}: ${text}`);
  }
}
