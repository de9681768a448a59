import type { ScopedEntry } from '../../libs/redis-cache/src/cache/entry-scope.js';
import { Floor } from './floors.js';
import { KEYS, TENANTS, type By, type ByStamp } from './model-steps.js';

export interface Value {
  readonly tenant: string;
  readonly key: string;
  readonly version: number;
}

/** How a process names things; all do alike. */
interface Naming {
  entry(tenant: number, key: number): ScopedEntry;
  invalidation(ref: ScopedEntry, by: ByStamp): { readonly key: string };
}

/** The leads that all processes cache, each with a version that every change raises. */
export class ModelSource {
  private readonly versions = new Map<string, number>();
  /** Leads by the key of what hits them. */
  private readonly hit = new Map<string, string[]>();

  learnNames(naming: Naming): void {
    for (const tenant of TENANTS.keys()) {
      for (const key of KEYS.keys()) {
        const ref = naming.entry(tenant, key);
        this.hit.set(ref.redisKey, [nameOf(ref)]);
        for (const by of ['tag', 'resultTag', 'cache', 'tenant', 'all'] as const) {
          this.hit.set(naming.invalidation(ref, by).key, hitBy(ref, by));
        }
      }
    }
  }

  bump(ref: ScopedEntry, by: By): void {
    for (const name of hitBy(ref, by)) this.versions.set(name, this.versionOf(name) + 1);
  }

  /** All that a tenant has, without a word. @returns what it has come to */
  changeAll(ref: ScopedEntry): Floor {
    this.bump(ref, 'tenant');
    return this.changedBy(ref, 'tenant');
  }

  valueOf(ref: ScopedEntry): Value {
    const { tenant, key } = ref;
    return { tenant: String(tenant), key, version: this.versionOf(nameOf(ref)) };
  }

  /** What a change of a lead has come to, and of all that it hits. */
  changedBy(ref: ScopedEntry, by: By): Floor {
    return this.floorOf(hitBy(ref, by));
  }

  /** The same for what is invalidated by its key. */
  hitOf(redisKey: string): Floor {
    return this.floorOf(this.hit.get(redisKey) ?? []);
  }

  private versionOf(name: string): number {
    return this.versions.get(name) ?? 0;
  }

  private floorOf(names: readonly string[]): Floor {
    const floor = new Floor();
    for (const name of names) floor.raise(name, this.versionOf(name));
    return floor;
  }
}

export function nameOf({ tenant, key }: ScopedEntry): string {
  return `${String(tenant)}/${key}`;
}

function hitBy(ref: ScopedEntry, by: By): string[] {
  const names = TENANTS.flatMap((tenant) => KEYS.map((key) => `${tenant}/${key}`));
  if (by === 'all') return names;
  if (by === 'tenant' || by === 'cache') {
    return names.filter((name) => name.startsWith(`${String(ref.tenant)}/`));
  }
  return [nameOf(ref)];
}
