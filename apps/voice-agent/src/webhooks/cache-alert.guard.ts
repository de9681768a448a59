import {
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
  type RawBodyRequest,
} from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { verifyCacheWebhook } from 'nestjs-redis-cache';
import type { RequestWithHeaders } from '../access/request-with-headers.js';
import type { Environment } from '../config/environment.js';

/** Lets only alerts in that were signed with our secret, lately. */
@Injectable()
export class CacheAlertGuard implements CanActivate {
  constructor(private readonly config: ConfigService<Environment, true>) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<RawBodyRequest<RequestWithHeaders>>();
    const { rawBody: body = '', headers } = request;
    const secret = this.config.get('ALERT_WEBHOOK_SECRET', { infer: true });
    if (verifyCacheWebhook(secret, { body, headers })) return true;
    throw new UnauthorizedException('This alert is not signed with the secret of this app');
  }
}
