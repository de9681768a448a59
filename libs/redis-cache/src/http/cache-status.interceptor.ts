import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type Type,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { tap, type Observable } from 'rxjs';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import { CallSummary } from '../cache/call-log.js';
import { CACHE_RUNTIME } from '../constants/injection.tokens.js';
import { cacheIdentifier, cacheStatus, xCacheStatus } from './cache-status.js';

/**
 * Tells in two headers of the response how the cache answered what the request asked of it:
 * `X-Cache-Status`, which is `HIT`, `MISS`, `STALE` or `BYPASS`, and `Cache-Status` of RFC 9211, in
 * which the cache is named `redis-cache`; see {@link cacheStatusInterceptor} for another name.
 *
 * Of several cached calls the one that had the least of the cache decides: a miss before a bypass,
 * before a stale answer, before a hit. What a load asks for is part of that load. A request that asks
 * nothing of the cache gets no headers.
 *
 * @example @UseInterceptors(CacheStatusInterceptor)
 */
@Injectable()
export class CacheStatusInterceptor implements NestInterceptor {
  protected readonly identifier: string = 'redis-cache';

  /** @internal Made by Nest. */
  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const response = context.switchToHttp().getResponse<unknown>();
    const summary = new CallSummary();
    const tell = () => {
      this.tell(response, summary);
    };
    return this.runtime.calls
      .record(summary, () => next.handle())
      .pipe(tap({ complete: tell, error: tell }));
  }

  private tell(response: unknown, { answered }: CallSummary): void {
    const { httpAdapter } = this.adapterHost;
    if (!answered || httpAdapter.isHeadersSent(response)) return;
    httpAdapter.setHeader(response, 'X-Cache-Status', xCacheStatus(answered));
    // Caches nearer to the client add theirs behind; one of the application itself stands before.
    const before = httpAdapter.getHeader(response, 'Cache-Status') as string | string[] | undefined;
    const members = [before ?? [], cacheStatus(this.identifier, answered)].flat();
    httpAdapter.setHeader(response, 'Cache-Status', members.join(', '));
  }
}

/**
 * Makes a {@link CacheStatusInterceptor} that gives the cache a name of your own.
 *
 * @param name printable ASCII characters
 * @throws {InvalidCacheOptionsError} it is empty, or has others
 * @example { provide: APP_INTERCEPTOR, useClass: cacheStatusInterceptor('crm') }
 */
export function cacheStatusInterceptor(name: string): Type<CacheStatusInterceptor> {
  const identifier = cacheIdentifier(name);
  @Injectable()
  class NamedCacheStatusInterceptor extends CacheStatusInterceptor {
    protected override readonly identifier = identifier;
  }
  return NamedCacheStatusInterceptor;
}
