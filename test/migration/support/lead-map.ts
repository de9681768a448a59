import type { CacheService } from 'nestjs-redis-cache';
import {
  MigratingMap,
  type MapSource,
  type MigratingMapOptions,
} from 'nestjs-redis-cache/migration';

export const CACHE = 'lead.byPhone';

/** The key of a Map that several tenants share. */
export const keyOf = (tenant: string, phone: string): string => `${tenant}|${phone}`;

/** A migration whose keys are `tenant|phone`. No variable of the environment has a say. */
export function leadMap<V>(
  caches: CacheService,
  source: MapSource<string, V>,
  options: Partial<MigratingMapOptions<string, V>> = {},
): MigratingMap<string, V> {
  return new MigratingMap<string, V>(caches, source, {
    cache: CACHE,
    entry: (mapKey) => {
      const [tenant, key = ''] = mapKey.split('|');
      return { tenant: tenant === '' ? undefined : tenant, key };
    },
    environment: {},
    ...options,
  });
}
