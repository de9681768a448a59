import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** A lead as the source had it at some time. */
export interface VersionedLead {
  readonly id: string;
  readonly version: number;
}

/** What a read or write of the source takes at least. */
const METHOD_MS = 5;
const VERSIONS = 'versions';
const FLOORS = 'floors';

/**
 * The database of these applications, on a server that no fault meets: every change of a lead gives it
 * a higher version. Beside it stands, for the checks, which version of each was invalidated for good.
 */
export class VersionedSource {
  private readonly redis: Redis;
  private slowest = 0;

  constructor(url: string) {
    this.redis = new Redis(url, { enableAutoPipelining: true });
  }

  /** The longest that a method has taken by itself. */
  get slowestMs(): number {
    return this.slowest;
  }

  /** Answers what it was when the read began: as late as a slow database can. */
  read(id: string): Promise<VersionedLead> {
    return this.timed(async () => ({ id, version: await this.version(id) }));
  }

  change(id: string): Promise<VersionedLead> {
    return this.timed(async () => {
      const version = await this.redis.hincrby(VERSIONS, id, 1);
      return { id, version };
    });
  }

  async version(id: string): Promise<number> {
    return Number((await this.redis.hget(VERSIONS, id)) ?? 0);
  }

  /** From now on nobody may answer anything older. */
  async raiseFloor({ id, version }: VersionedLead): Promise<void> {
    await this.redis.zadd(FLOORS, 'GT', version, id);
  }

  /** What each lead may not be older than. */
  async floors(): Promise<Map<string, number>> {
    const flat = await this.redis.zrange(FLOORS, 0, '-1', 'WITHSCORES');
    const floors = new Map<string, number>();
    for (let i = 0; i < flat.length; i += 2) floors.set(flat[i] as string, Number(flat[i + 1]));
    return floors;
  }

  close(): void {
    this.redis.disconnect();
  }

  private async timed<T>(method: () => Promise<T>): Promise<T> {
    const beganMs = performance.now();
    const result = await method();
    await sleep(METHOD_MS);
    this.slowest = Math.max(this.slowest, performance.now() - beganMs);
    return result;
  }
}
