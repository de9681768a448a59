import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict, CachePut } from 'nestjs-redis-cache';

/** What each method of the service below takes. */
export const METHOD_MS = 5;

export interface Quote {
  readonly id: string;
  readonly text: string;
}

/** A service whose source is always there, so that every slow call is slow by the cache. */
@Injectable()
export class QuoteService {
  @Cacheable('quote', { key: (id: string) => id })
  async byId(id: string): Promise<Quote> {
    await sleep(METHOD_MS);
    return { id, text: 'read' };
  }

  @CachePut('quote', { key: (id: string) => id })
  async rewrite(id: string): Promise<Quote> {
    await sleep(METHOD_MS);
    return { id, text: 'written' };
  }

  @CacheEvict('quote', { key: (id: string) => id })
  async forget(_id: string): Promise<void> {
    await sleep(METHOD_MS);
  }

  @Cacheable('quote.instant', { key: (id: string) => id })
  async instantly(id: string): Promise<Quote> {
    return Promise.resolve({ id, text: 'read' });
  }
}
