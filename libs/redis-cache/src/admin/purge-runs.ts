import { randomUUID } from 'node:crypto';
import { HttpStatus, Inject, Injectable, Logger } from '@nestjs/common';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import { CACHE_RUNTIME } from '../constants/injection.tokens.js';
import { isRedisCacheError } from '../errors/redis-cache.error.js';
import { refusal } from './admin-problem.js';
import type { AdminPurge } from './admin.contract.js';
import { Walks } from './walks.js';

/** Purges that are told of, the ones under way among them. */
const MAX_KEPT = 100;

/** Purges in the background, as they may take longer than anybody holds a request open. */
@Injectable()
export class PurgeRuns {
  private readonly logger = new Logger('RedisCacheAdmin');
  private readonly runs = new Map<string, AdminPurge>();

  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(Walks) private readonly walks: Walks,
  ) {}

  /** The last ones, the newest first. @param tenant leaves out all others; undefined none */
  list(tenant: string | undefined): AdminPurge[] {
    return [...this.runs.values()]
      .filter((run) => tenant === undefined || run.tenant === tenant)
      .reverse();
  }

  get(id: string): AdminPurge | undefined {
    return this.runs.get(id);
  }

  /** @throws {AdminProblemException} the tenant is being purged, or too much else goes on */
  start(tenant: string): AdminPurge {
    if (this.list(tenant).some(({ state }) => state === 'running')) {
      throw refusal('tenant', 'is being purged already', HttpStatus.CONFLICT);
    }
    const end = this.walks.begin();
    const run: AdminPurge = {
      id: randomUUID(),
      tenant,
      state: 'running',
      startedAtMs: Date.now(),
      deleted: 0,
    };
    this.note(run);
    void this.purge(run.id, tenant).finally(end);
    return run;
  }

  private async purge(id: string, tenant: string): Promise<void> {
    try {
      const deleted = await this.runtime.engine.purge(tenant, ({ step, node, nodes, ...done }) => {
        const { scanned, deleted } = done;
        this.change(id, { deleted, progress: { step, node, nodes, scanned } });
      });
      this.change(id, { state: 'done', endedAtMs: Date.now(), deleted });
    } catch (error) {
      this.logger.error(error);
      const message = isRedisCacheError(error) ? error.message : 'It failed; the log says why';
      this.change(id, { state: 'incomplete', endedAtMs: Date.now(), message });
    }
  }

  private change(id: string, changes: Partial<AdminPurge>): void {
    const run = this.runs.get(id);
    if (run) this.runs.set(id, { ...run, ...changes });
  }

  private note(run: AdminPurge): void {
    const [oldest] = this.runs.keys();
    if (this.runs.size >= MAX_KEPT && oldest !== undefined) this.runs.delete(oldest);
    this.runs.set(run.id, run);
  }
}
