import { createHash, timingSafeEqual } from 'node:crypto';
import {
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { AdminRequest } from 'nestjs-redis-cache/admin';
import { hashApiKey } from '../access/api-key-hash.js';
import { API_KEY_HEADER } from '../access/api-key.guard.js';
import { ApiKeysService } from '../access/api-keys.service.js';
import type { Environment } from '../config/environment.js';

export const OPERATOR_KEY_HEADER = 'x-operator-key';

/**
 * Lets in operators, who reach everything, and organizations by their API keys, each of which reaches
 * what it has itself.
 */
@Injectable()
export class AdminKeyGuard implements CanActivate {
  private readonly operatorKey: Buffer;

  constructor(
    config: ConfigService<Environment, true>,
    private readonly apiKeys: ApiKeysService,
  ) {
    this.operatorKey = digest(config.get('OPERATOR_KEY', { infer: true }));
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    const { [OPERATOR_KEY_HEADER]: operatorKey, [API_KEY_HEADER]: apiKey } = request.headers;
    if (typeof operatorKey === 'string') {
      // Digests have one length, so that comparing them tells nothing of the key.
      if (!timingSafeEqual(digest(operatorKey), this.operatorKey)) {
        throw new UnauthorizedException('This operator key is not right');
      }
      request.cacheAdmin = { kind: 'operator' };
      return true;
    }
    if (typeof apiKey !== 'string') {
      const headers = `${OPERATOR_KEY_HEADER}, or your API key in ${API_KEY_HEADER}`;
      throw new UnauthorizedException(`Send the key of an operator in the header ${headers}`);
    }
    const organizationId = await this.apiKeys.organizationOf(hashApiKey(apiKey));
    if (organizationId === null) throw new UnauthorizedException('This API key is not known');
    request.cacheAdmin = { kind: 'tenant', tenant: organizationId };
    return true;
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
