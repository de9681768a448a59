import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import type { ThrottlerOptions } from '@nestjs/throttler';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import { CACHE_RUNTIME } from '../constants/injection.tokens.js';
import { InvalidCacheKeyError } from '../errors/invalid-key.error.js';
import { encodeArguments, encodeKey } from '../keys/arguments.js';
import { encodeSegment } from '../keys/segment.js';
import { clientAddress } from './client-address.js';
import { namesThrottler } from './rate-limited.decorator.js';
import { ThrottlerKeys } from './throttler-keys.js';

/** Who is limited, to be spread into the options of one throttler or of all. */
export type ThrottlerTracking = Required<Pick<ThrottlerOptions, 'getTracker' | 'generateKey'>>;

/** Reads who calls off a request; undefined where nobody is known. */
export type UserOf<Request> = (
  request: Request,
  context: ExecutionContext,
) => string | undefined | Promise<string | undefined>;

/** What a tracker of ours found, and the text that it gave the guard for it. */
interface Tracked {
  readonly tenant: string | null;
  readonly caller: string;
  readonly text: string;
}

type Track = (
  request: Parameters<ThrottlerTracking['getTracker']>[0],
  context: ExecutionContext,
) => Tracked | Promise<Tracked>;

/**
 * Ways to tell callers apart. The tenant is that of the calling code, or what `tenant.resolve` of the
 * module says, so the guard has to run when it is known. A request without one fails with a
 * `TenantMissingError`, and is never counted with those of another.
 *
 * Routes that name a throttler by `@RateLimited` count together, and every other route by itself.
 *
 * @example { storage, throttlers, ...trackers.tenantAndUser((request: Req) => request.user?.id) }
 */
@Injectable()
export class ThrottlerTrackers {
  /** @internal Made by Nest. */
  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    private readonly keys: ThrottlerKeys,
  ) {}

  /**
   * Each user of each tenant. A request of which `userOf` knows no user fails with an
   * `InvalidCacheKeyError`: all who are unknown would be one.
   */
  tenantAndUser<Request = unknown>(userOf: UserOf<Request>): ThrottlerTracking {
    return this.within(async (request, context, tenant) => {
      const user = await userOf(request as Request, context);
      if (typeof user === 'string' && user !== '') {
        return { tenant, caller: user, text: `${encodeSegment(tenant)}/${user}` };
      }
      throw new InvalidCacheKeyError(
        'user of a rate limit',
        user === '' ? 'is empty' : `is of type ${typeof user}`,
        'Have the guard run after the one that finds out who calls, or return something else that tells callers apart.',
      );
    });
  }

  /** Each tenant, with all its users together. */
  tenant(): ThrottlerTracking {
    return this.within((_request, _context, tenant) => {
      const text = encodeSegment(tenant);
      return Promise.resolve({ tenant, caller: text, text });
    });
  }

  /**
   * Each IP address, whatever the tenant; IPv6 addresses by their /64 network. Behind a proxy the HTTP
   * adapter has to trust it, or all are one.
   */
  ip(): ThrottlerTracking {
    const track: Track = ({ ip }) => {
      const text = clientAddress(ip);
      return { tenant: null, caller: text, text };
    };
    return this.tracking(track, () => null);
  }

  private within(
    track: (request: unknown, context: ExecutionContext, tenant: string) => Promise<Tracked>,
  ): ThrottlerTracking {
    return this.tracking(
      (request, context) => track(request, context, this.tenantHere()),
      () => this.tenantHere(),
    );
  }

  /**
   * The guard hands over a text, which a route with a `getTracker` of its own may have from its callers.
   * So what a tracker found is kept by the request, and only the text that it gave for this very one
   * stands for it. A mark within the text would be another one in each process, for who makes keys of it.
   */
  private tracking(track: Track, tenantHere: () => string | null): ThrottlerTracking {
    const found = new WeakMap<ExecutionContext, Tracked>();
    return {
      getTracker: async (request, context) => {
        const tracked = await track(request, context);
        found.set(context, tracked);
        return tracked.text;
      },
      generateKey: (context, given, throttler) => {
        const text = told(given);
        const tracked = found.get(context);
        return tracked?.text === text
          ? this.name(context, tracked.tenant, throttler, [tracked.caller])
          : this.name(context, tenantHere(), throttler, ['tracked', text]);
      },
    };
  }

  private name(
    context: ExecutionContext,
    tenant: string | null,
    throttler: string,
    caller: readonly string[],
  ): string {
    const route = [context.getClass().name, context.getHandler().name];
    const encodedKey = namesThrottler(context, throttler)
      ? encodeKey(caller)
      : encodeArguments([...route, ...caller]);
    return this.keys.name(tenant, throttler, encodedKey);
  }

  private tenantHere(): string {
    return this.runtime.tenants.ownerOf('tenant', undefined, () => 'A throttler');
  }
}

/** Whom a `getTracker` of the application knows nothing of would all be one. */
function told(tracker: string | null | undefined): string {
  if (tracker !== undefined && tracker !== null) return tracker;
  throw new InvalidCacheKeyError(
    'tracker of a rate limit',
    `is ${tracker}`,
    'Have getTracker return a text that tells callers apart.',
  );
}
