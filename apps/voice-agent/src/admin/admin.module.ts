import { Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { ApiExcludeController } from '@nestjs/swagger';
import { RedisCacheAdminModule, type AdminRuntimeOptions } from 'nestjs-redis-cache/admin';
import { AccessModule } from '../access/access.module.js';
import { Public } from '../access/public.decorator.js';
import type { Environment } from '../config/environment.js';
import { AdminKeyGuard, OPERATOR_KEY_HEADER } from './admin-key.guard.js';

export const ADMIN_PATH = 'admin';

/** `/admin`: the cache for those who operate it, and for each organization what is its own. */
@Module({
  imports: [
    RedisCacheAdminModule.registerAsync({
      path: ADMIN_PATH,
      guards: [AdminKeyGuard],
      // Its own guard instead of that of the app; and open-api.ts describes it.
      decorators: [Public(), ApiExcludeController()],
      page: { open: true, credentialHeader: OPERATOR_KEY_HEADER },
      imports: [AccessModule],
      inject: [ConfigService],
      useFactory: (config: ConfigService<Environment, true>): AdminRuntimeOptions => {
        const secret = config.get('CACHE_WEBHOOK_SECRET', { infer: true });
        return {
          values: 'read',
          ...(secret !== undefined && { webhook: { secrets: [secret] } }),
        };
      },
    }),
  ],
})
export class AdminModule {}
