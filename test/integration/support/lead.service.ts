import { Injectable } from '@nestjs/common';
import { Cacheable, CacheEvict, CachePut } from 'nestjs-redis-cache';
import { LeadSource, type Lead } from './lead-source.js';

/** A service as users write it. */
@Injectable()
export class LeadService {
  constructor(private readonly source: LeadSource) {}

  @Cacheable('lead', { key: (id: string) => id })
  async byId(id: string): Promise<Lead> {
    return this.source.read(id);
  }

  @CachePut('lead', { key: (id: string) => id })
  async rename(id: string, name: string): Promise<Lead> {
    return this.source.write(id, name);
  }

  @CacheEvict('lead', { key: (id: string) => id })
  async change(id: string, name: string): Promise<void> {
    await this.source.write(id, name);
  }
}
