import { Injectable } from '@nestjs/common';
import { Cacheable } from 'nestjs-redis-cache';

export interface Quote {
  readonly id: string;
  readonly text: string;
}

/** A service that answers at once, so that every slow call is slow by the cache. */
@Injectable()
export class QuoteService {
  @Cacheable('quote', { key: (id: string) => id })
  async byId(id: string): Promise<Quote> {
    return Promise.resolve({ id, text: 'read' });
  }
}
