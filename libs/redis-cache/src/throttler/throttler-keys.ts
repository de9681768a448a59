import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import { CACHE_RUNTIME } from '../constants/injection.tokens.js';
import { encodeArguments } from '../keys/arguments.js';

/**
 * Names of what throttlers count, on their way from a tracker through the guard to the storage. The
 * guard carries texts only, so a mark that nobody can know tells names made here from those that a
 * key generator of the application has made of what callers send.
 */
@Injectable()
export class ThrottlerKeys {
  private readonly mark = randomUUID();

  constructor(@Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime) {}

  /** @param tenant null for no tenant */
  name(tenant: string | null, throttler: string, encodedKey: string): string {
    return this.mark + this.runtime.keys.limitCalls(tenant, throttler, encodedKey);
  }

  /** The Redis key for what the guard brings: a name made here, or any text, which belongs to nobody. */
  callsKey(text: string, throttler: string): string {
    if (text.startsWith(this.mark)) return text.slice(this.mark.length);
    const encodedKey = encodeArguments(['generated', text]);
    return this.runtime.keys.limitCalls(null, throttler, encodedKey);
  }
}
