import { Injectable, type Type } from '@nestjs/common';
import { Cacheable, CacheEvict, CachePut } from 'nestjs-redis-cache';
import { VersionedSource, type VersionedLead } from './versioned-source.js';

/** A service as users write it: leads in groups, and a tag for each group. */
export interface VersionedLeads {
  byId(id: string, group: string): Promise<VersionedLead>;
  /** Changes it and puts the new one into the cache. */
  rewrite(id: string, group: string): Promise<VersionedLead>;
  /** Changes it and evicts it. */
  change(id: string): Promise<VersionedLead>;
  /** Changes all of a group and evicts them by their tag. */
  changeGroup(group: string, ids: readonly string[]): Promise<VersionedLead[]>;
}

/** The service over the cache of this name. */
export function versionedLeads(cache: string): Type<VersionedLeads> {
  const entry = {
    key: (id: string, _group: string) => id,
    tags: (_id: string, group: string) => [group],
  };

  @Injectable()
  class Leads implements VersionedLeads {
    constructor(private readonly source: VersionedSource) {}

    @Cacheable(cache, entry)
    async byId(id: string, _group: string): Promise<VersionedLead> {
      return this.source.read(id);
    }

    @CachePut(cache, entry)
    async rewrite(id: string, _group: string): Promise<VersionedLead> {
      return this.source.change(id);
    }

    @CacheEvict(cache, { key: (id: string) => id })
    async change(id: string): Promise<VersionedLead> {
      return this.source.change(id);
    }

    @CacheEvict({ tags: (group: string) => [group] })
    async changeGroup(_group: string, ids: readonly string[]): Promise<VersionedLead[]> {
      return Promise.all(ids.map((id) => this.source.change(id)));
    }
  }
  return Leads;
}
