import type { Redis } from 'ioredis';
import { currentTenant } from 'nestjs-redis-cache';
import { Gate } from '../../support/gate.js';

export interface Lead {
  readonly id: string;
  readonly name: string;
}

/** Where a process can be held. */
export type Step = 'read' | 'write';

/**
 * The database of these tests, which all processes share: a Redis that the cache knows nothing of.
 * It counts what it is asked, and answers when a test wants it to.
 */
export class LeadSource {
  private readonly gates = new Map<string, Gate>();
  /** Gates that nobody has come to yet. */
  private readonly vacant = new Set<Gate>();
  private readonly failures = new Map<string, string>();

  /** @param name what its keys begin with */
  constructor(
    private readonly redis: Redis,
    private readonly name: string,
  ) {}

  /** Reads the lead of the tenant at hand; what it has read may be outdated when it answers. */
  async read(id: string): Promise<Lead> {
    const tenant = currentTenant() ?? 'nobody';
    await this.redis.rpush(this.key('journal', tenant, id), 'begin');
    const name = await this.redis.get(this.key('name', tenant, id));
    await this.passGate('read', id);
    await this.redis.rpush(this.key('journal', tenant, id), 'end');
    const failure = this.failures.get(id);
    if (failure !== undefined) throw new Error(failure);
    return { id, name: name ?? 'nobody' };
  }

  /** Writes, and then waits at the gate as a read does; one that fails writes nothing. */
  async write(id: string, name: string): Promise<Lead> {
    const failure = this.failures.get(id);
    if (failure === undefined) {
      await this.redis.set(this.key('name', currentTenant() ?? 'nobody', id), name);
    }
    await this.passGate('write', id);
    if (failure !== undefined) throw new Error(failure);
    return { id, name };
  }

  /** What began and ended, of all processes together. */
  journal(tenant: string, id: string): Promise<string[]> {
    return this.redis.lrange(this.key('journal', tenant, id), 0, -1);
  }

  /** How many reads began, in all processes together. */
  async loads(tenant: string, id: string): Promise<number> {
    return (await this.journal(tenant, id)).filter((event) => event === 'begin').length;
  }

  /** Has the next read or write of this process wait, once it has touched the database. */
  hold(step: Step, id: string): void {
    const gate = new Gate();
    this.gates.set(`${step} ${id}`, gate);
    this.vacant.add(gate);
  }

  /** Resolves when it waits. */
  async reached(step: Step, id: string): Promise<void> {
    await this.gates.get(`${step} ${id}`)?.reached;
  }

  /** Lets it go on, or never wait. */
  open(step: Step, id: string): void {
    const gate = this.gates.get(`${step} ${id}`);
    if (!gate) return;
    gate.open();
    this.vacant.delete(gate);
    this.gates.delete(`${step} ${id}`);
  }

  /** Reads and writes of this process fail; no message heals them. */
  fail(id: string, message?: string): void {
    if (message === undefined) this.failures.delete(id);
    else this.failures.set(id, message);
  }

  private async passGate(step: Step, id: string): Promise<void> {
    const gate = this.gates.get(`${step} ${id}`);
    if (gate && this.vacant.delete(gate)) await gate.pass();
  }

  private key(...parts: string[]): string {
    // Ids are hostile here; JSON also carries half a surrogate pair.
    return `${this.name}:${JSON.stringify(parts)}`;
  }
}
