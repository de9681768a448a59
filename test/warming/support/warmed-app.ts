import { Injectable } from '@nestjs/common';
import { Cacheable, type WarmProgress } from 'nestjs-redis-cache';
import type { CacheApp } from '../../support/cache-apps.js';

/** Counts what it is asked for. */
@Injectable()
export class LeadSource {
  readonly asked: string[] = [];

  @Cacheable('lead.byId')
  async byId(id: string): Promise<string> {
    this.asked.push(id);
    return Promise.resolve(`lead ${id}`);
  }
}

/** What an application tells of its warmers, from when it is made. */
export class WarmingTold {
  readonly all: WarmProgress[] = [];
  private readonly waiting = new Set<() => void>();

  constructor({ caches }: CacheApp) {
    caches.on('warming', (progress) => {
      this.all.push(progress);
      for (const look of this.waiting) look();
    });
  }

  /** Resolves with the first time that a warmer was in this state. */
  async first(state: WarmProgress['state']): Promise<WarmProgress> {
    for (;;) {
      const found = this.all.find((progress) => progress.state === state);
      if (found) return found;
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }
}
