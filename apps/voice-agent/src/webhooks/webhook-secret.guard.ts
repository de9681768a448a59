import { createHash, timingSafeEqual } from 'node:crypto';
import {
  Injectable,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { RequestWithHeaders } from '../access/request-with-headers.js';
import type { Environment } from '../config/environment.js';

export const WEBHOOK_SECRET_HEADER = 'x-webhook-secret';

/** Lets only ElevenLabs in, which sends a secret header as set up with the webhook there. */
@Injectable()
export class WebhookSecretGuard implements CanActivate {
  private readonly expected: Buffer;

  constructor(config: ConfigService<Environment, true>) {
    this.expected = digest(config.get('ELEVENLABS_WEBHOOK_SECRET', { infer: true }));
  }

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<RequestWithHeaders>();
    const secret = headers[WEBHOOK_SECRET_HEADER];
    // A comparison by === stops at the first wrong character, and the time it takes tells where that
    // is. Digests have one length, so that not even the length of the secret shows.
    if (typeof secret === 'string' && timingSafeEqual(digest(secret), this.expected)) return true;
    throw new UnauthorizedException(`Send the secret in the header ${WEBHOOK_SECRET_HEADER}`);
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
