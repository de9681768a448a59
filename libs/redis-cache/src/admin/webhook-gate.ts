import { HttpStatus, Inject, Injectable, Logger } from '@nestjs/common';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import { CACHE_RUNTIME, REDIS_CONNECTION } from '../constants/injection.tokens.js';
import type { Clock } from '../resilience/clock.js';
import {
  CACHE_SIGNATURE_HEADER,
  isSignedBy,
  readSignature,
  type ClaimedSignature,
} from '../signing/webhook-signature.js';
import type { AdminRequest } from './admin-principal.js';
import { AdminProblemException, refusal } from './admin-problem.js';
import type { AdminPrincipal } from './admin.contract.js';
import { ADMIN_CLOCK, ADMIN_OPTIONS, type ResolvedAdminOptions } from './admin.options.js';
import { ReplayMemory } from './replay-memory.js';
import type { ResolvedWebhook, WebhookSecret } from './webhook.options.js';

/** A request whose very bytes were kept, as Nest does with `rawBody: true`. */
export interface SignedRequest extends AdminRequest {
  readonly rawBody?: Uint8Array;
}

/** Somebody who has signed, once. */
export interface Signed {
  readonly principal: AdminPrincipal;
  /** To be called when the body is understood: refuses what was taken before. */
  readonly claim: () => Promise<void>;
}

/** Lets in what is signed by one of the secrets, lately, and was not let in before. */
@Injectable()
export class WebhookGate {
  private readonly logger = new Logger('RedisCacheAdmin');
  private readonly taken = new ReplayMemory();

  constructor(
    @Inject(ADMIN_OPTIONS) private readonly options: ResolvedAdminOptions,
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(REDIS_CONNECTION) private readonly connection: RedisConnection | null,
    @Inject(ADMIN_CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws {AdminProblemException} 401 for a signature that is not good, 404 where no secret is set */
  check(request: SignedRequest): Signed {
    const { webhook } = this.options;
    if (!webhook) throw new AdminProblemException(HttpStatus.NOT_FOUND, 'There is no webhook');
    const signature = readSignature(request.headers[CACHE_SIGNATURE_HEADER]);
    if (!signature) throw unsigned('is missing, or not of the form t=<seconds>,v1=<hex>');
    const signedAtMs = Number(signature.seconds) * 1_000;
    if (Math.abs(this.clock.nowMs() - signedAtMs) > webhook.toleranceMs) {
      throw unsigned('is of a time too far from now');
    }
    const principal = signerOf(signature, this.bodyOf(request), webhook.secrets);
    if (!principal) throw unsigned('does not fit the body');
    return { principal, claim: () => this.claim(signature, signedAtMs, webhook) };
  }

  private bodyOf({ rawBody }: SignedRequest): Uint8Array {
    if (rawBody) return rawBody;
    this.logger.error(
      'The webhook cannot check signatures, as the application does not keep what it received: ' +
        'create it with NestFactory.create(AppModule, { rawBody: true }).',
    );
    throw new AdminProblemException(
      HttpStatus.NOT_IMPLEMENTED,
      'The application is not set up to check signatures; its log says what to do',
    );
  }

  private async claim(
    { hex }: ClaimedSignature,
    signedAtMs: number,
    { toleranceMs }: ResolvedWebhook,
  ): Promise<void> {
    const nowMs = this.clock.nowMs();
    const untilMs = signedAtMs + toleranceMs;
    const claim = this.taken.claim(hex, untilMs, nowMs);
    if (claim === 'full') {
      const detail = 'Too many calls lately to be sure that none is taken twice; try again later';
      throw new AdminProblemException(HttpStatus.TOO_MANY_REQUESTS, detail);
    }
    if (claim === 'again' || (await this.isTakenElsewhere(hex, untilMs - nowMs + toleranceMs))) {
      throw refusal(CACHE_SIGNATURE_HEADER, 'was used before', HttpStatus.CONFLICT);
    }
  }

  /**
   * Whether another process took it, as far as Redis can say.
   *
   * @param forMs how long this one says so: past its end here, as the clocks of others may be behind
   */
  private async isTakenElsewhere(hex: string, forMs: number): Promise<boolean> {
    if (!this.connection?.available) return false;
    const key = this.runtime.keys.taken(hex);
    const ms = Math.ceil(forMs) + 1;
    try {
      const set = await this.connection.run((client) => client.set(key, '1', 'PX', ms, 'NX'));
      return set === null;
    } catch (error) {
      this.runtime.events.emit('farError', { operation: 'webhook', error });
      return false;
    }
  }
}

function unsigned(message: string): AdminProblemException {
  return refusal(CACHE_SIGNATURE_HEADER, message, HttpStatus.UNAUTHORIZED);
}

/** Whoever has signed; undefined if none of those who may. Takes as long whichever secret fits. */
function signerOf(
  claimed: ClaimedSignature,
  body: Uint8Array,
  secrets: readonly WebhookSecret[],
): AdminPrincipal | undefined {
  const [signer] = secrets.filter(({ secret }) => isSignedBy(secret, claimed, body));
  return signer?.principal;
}
