import {
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { setTenant } from 'nestjs-redis-cache';
import { hashApiKey } from './api-key-hash.js';
import { ApiKeysService } from './api-keys.service.js';
import { IS_PUBLIC } from './public.decorator.js';
import type { RequestWithHeaders } from './request-with-headers.js';

export const API_KEY_HEADER = 'x-api-key';

/**
 * Guards every route that is not `@Public()`. The organization follows from the key alone: a caller
 * cannot name another one, for nothing else of the request is looked at.
 */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly apiKeys: ApiKeysService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, targets)) return true;

    const { headers } = context.switchToHttp().getRequest<RequestWithHeaders>();
    const key = headers[API_KEY_HEADER];
    if (typeof key !== 'string') {
      throw new UnauthorizedException(`Send your API key in the header ${API_KEY_HEADER}`);
    }
    const organizationId = await this.apiKeys.organizationOf(hashApiKey(key));
    if (organizationId === null) throw new UnauthorizedException('This API key is not known');
    setTenant(organizationId);
    return true;
  }
}
