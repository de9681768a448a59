import type { INestApplicationContext, Type } from '@nestjs/common';
import type { StaleCheck } from './stale-check.js';
import { versionedLeads, type VersionedLeads } from './versioned-leads.service.js';
import type { VersionedSource } from './versioned-source.js';

interface Group {
  readonly service: Type<VersionedLeads>;
  readonly name: string;
  readonly ids: readonly string[];
}

/** Of each cache. */
const GROUPS_OF_A_CACHE = 10;
const GROUP_SIZE = 10;
/** Of a hundred calls. */
const PUTS = 5;
const EVICTIONS = 5;
const TAG_EVICTIONS = 1;

/** A cache with both tiers, and one without the near tier. */
const NEAR_AND_FAR = 'lead';
export const FAR_ALONE = 'lead.far';

const SERVICES = [NEAR_AND_FAR, FAR_ALONE].map((cache) => ({
  cache,
  service: versionedLeads(cache),
}));

const GROUPS: readonly Group[] = SERVICES.flatMap(({ cache, service }) =>
  Array.from({ length: GROUPS_OF_A_CACHE }, (_, group) => ({
    service,
    name: `${cache}:${group}`,
    ids: Array.from({ length: GROUP_SIZE }, (_, i) => `${cache}:${group}:${i}`),
  })),
);

/** Callers of all sorts: hits, misses, puts, evictions. */
export class LeadTraffic {
  static readonly services: readonly Type<VersionedLeads>[] = SERVICES.map(
    ({ service }) => service,
  );

  constructor(
    private readonly app: INestApplicationContext,
    private readonly source: VersionedSource,
    private readonly check: StaleCheck,
  ) {}

  /** One call. @returns of which kind it was */
  async turn(): Promise<string> {
    const group = oneOf(GROUPS);
    const id = oneOf(group.ids);
    const leads = this.app.get(group.service);
    const dice = Math.random() * 100;
    if (dice < PUTS) {
      this.check.changed(await leads.rewrite(id, group.name));
      return 'put';
    }
    if (dice < PUTS + EVICTIONS) {
      this.check.changed(await leads.change(id));
      return 'eviction';
    }
    if (dice < PUTS + EVICTIONS + TAG_EVICTIONS) {
      const changed = await leads.changeGroup(group.name, group.ids);
      for (const lead of changed) this.check.changed(lead);
      return 'eviction';
    }
    const answer = await this.check.judge(id, () => leads.byId(id, group.name));
    if (answer.id !== id) throw new Error(`Asked for ${id} and answered ${answer.id}`);
    return 'read';
  }

  /** How many leads are answered older than they are, when nobody changes them any more. */
  async olderAtRest(): Promise<number> {
    let older = 0;
    for (const { service, name, ids } of GROUPS) {
      for (const id of ids) {
        const { version } = await this.app.get(service).byId(id, name);
        if (version < (await this.source.version(id))) older += 1;
      }
    }
    return older;
  }
}

function oneOf<T>(items: readonly T[]): T {
  return items[Math.floor(Math.random() * items.length)] as T;
}
