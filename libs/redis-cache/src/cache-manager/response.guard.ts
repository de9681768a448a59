import { Inject, Injectable, Logger, type ExecutionContext } from '@nestjs/common';
import { CACHE_KEY_METADATA, CacheInterceptor } from '@nestjs/cache-manager';
import { ModulesContainer } from '@nestjs/core';
import { InvalidDecoratorError } from '../errors/invalid-decorator.error.js';
import { encodeSegment } from '../keys/segment.js';
import {
  CACHE_MANAGER_OPTIONS,
  type ResolvedCacheManagerOptions,
} from './cache-manager.options.js';
import { RedisCacheManager } from './redis-cache-manager.js';

type TrackedKey = string | null | undefined;

/** What a `CacheInterceptor` keeps from its users, but not from those who extend it. */
interface Tracking {
  readonly cacheManager: unknown;
  trackBy(context: ExecutionContext): Promise<TrackedKey> | TrackedKey;
}

interface HttpRequest {
  readonly headers?: Readonly<Record<string, unknown>>;
}

/**
 * `CacheInterceptor` shares a response with all who ask for its URL. The tenants are kept apart by the
 * cache; this keeps apart the users of one, whom only the interceptor's instances can tell. A key that
 * the application names, by `@CacheKey` or a `trackBy` of its own, is taken as it is.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9111#section-3.5 on responses to requests with Authorization
 */
@Injectable()
export class ResponseGuard {
  private readonly logger = new Logger('CacheManager');
  private readonly told = new Set<string>();
  private readonly responses: ResolvedCacheManagerOptions['responses'];

  constructor(
    private readonly modules: ModulesContainer,
    private readonly manager: RedisCacheManager,
    @Inject(CACHE_MANAGER_OPTIONS) { responses }: ResolvedCacheManagerOptions,
  ) {
    this.responses = responses;
  }

  /** @throws {InvalidDecoratorError} an interceptor that is made anew for each request */
  guardAll(): void {
    if (this.responses.credentialHeaders.length === 0) return;
    for (const { injectables, providers } of this.modules.values()) {
      for (const wrapper of [...injectables.values(), ...providers.values()]) {
        const { metatype, instance } = wrapper;
        if (!isUrlTracker(metatype?.prototype)) continue;
        if (!wrapper.isDependencyTreeStatic()) throw perRequest(String(wrapper.name));
        this.guard(instance as Tracking);
      }
    }
  }

  private guard(interceptor: Tracking): void {
    if (interceptor.cacheManager !== this.manager || Object.hasOwn(interceptor, 'trackBy')) return;
    const trackBy = interceptor.trackBy.bind(interceptor);
    interceptor.trackBy = async (context) => this.keyOf(context, await trackBy(context));
  }

  private keyOf(context: ExecutionContext, key: TrackedKey): TrackedKey {
    if (!key || Reflect.hasMetadata(CACHE_KEY_METADATA, context.getHandler())) return key;
    const { headers = {} } = context.switchToHttp().getRequest<HttpRequest>();
    const { credentialHeaders } = this.responses;
    if (!credentialHeaders.some((name) => headers[name] !== undefined)) return key;
    const user = this.userOf(context);
    // No URL has a space in it, so nobody can ask for what is another's by asking for such a URL.
    return user === undefined ? undefined : `${encodeSegment(user)} ${key}`;
  }

  private userOf(context: ExecutionContext): string | undefined {
    const { userOf, credentialHeaders } = this.responses;
    if (!userOf) {
      const headers = credentialHeaders.join(', ');
      this.tellOnce(
        `Responses to requests with one of the headers ${headers} are not cached: they may be for one ` +
          `user alone. Say by responses.userOf of CacheManagerModule whose they are, or name them by @CacheKey.`,
      );
      return undefined;
    }
    try {
      return this.textOf(userOf(context));
    } catch (error) {
      this.tellOnce(`responses.userOf failed, and the response was not cached: ${String(error)}`);
      return undefined;
    }
  }

  /** All objects may have one text, so that the users of a tenant would be one. */
  private textOf(user: unknown): string | undefined {
    if (user === undefined || user === null || user === '') return undefined;
    if (typeof user === 'string') return user;
    if (typeof user === 'bigint' || (typeof user === 'number' && Number.isFinite(user))) {
      return String(user);
    }
    this.tellOnce(
      `responses.userOf gave ${kindOf(user)}, and the response was not cached. Have it give a text or a ` +
        `number that is the user's alone: an id, by .toString() where it is an object, and no Promise.`,
    );
    return undefined;
  }

  private tellOnce(text: string): void {
    if (this.told.has(text) || this.told.size > 9) return;
    this.told.add(text);
    this.logger.warn(text);
  }
}

/** Whether keys come from the URL, as they do unless a class of the application says otherwise. */
function isUrlTracker(prototype: unknown): boolean {
  if (prototype !== CacheInterceptor.prototype && !(prototype instanceof CacheInterceptor)) {
    return false;
  }
  return (
    (prototype as Tracking).trackBy === (CacheInterceptor.prototype as unknown as Tracking).trackBy
  );
}

/** What there is to tell of a user that is none: nothing of its content, which may be personal. */
function kindOf(user: unknown): string {
  if (typeof user === 'number') return String(user);
  if (user instanceof Promise) return 'a Promise';
  if (typeof user !== 'object' || user === null) return `a ${typeof user}`;
  const { constructor: type } = user as { readonly constructor?: unknown };
  return typeof type === 'function' ? `an object (${type.name})` : 'an object';
}

function perRequest(name: string): InvalidDecoratorError {
  return new InvalidDecoratorError(
    `The interceptor ${name}`,
    'is made anew for each request, so the responses of users cannot be kept apart in it',
    'Take out of it what is injected for each request, or give it a trackBy of its own.',
  );
}
