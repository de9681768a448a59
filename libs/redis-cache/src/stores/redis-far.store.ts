import type { RedisConnection } from '../connection/redis-connection.js';
import type { Script, ScriptArgument } from '../connection/script-runner.js';
import type { KeySpace } from '../keys/key-space.js';
import type { Acquired, FarStore, LeaseRequest } from './far-store.interface.js';
import { ACQUIRE, DISCARD, EVICT, FILL, RELEASE, RENEW } from './far.scripts.js';

/** The far tier on Redis: every step that must not be torn apart is one script. */
export class RedisFarStore implements FarStore {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: KeySpace,
  ) {}

  get available(): boolean {
    return this.connection.available;
  }

  nowMs(): number {
    return this.connection.serverNowMs();
  }

  async get(entryKey: string, budgetMs?: number): Promise<Buffer | undefined> {
    const bytes = await this.connection.run((client) => client.getBuffer(entryKey), budgetMs);
    return bytes ?? undefined;
  }

  async acquire(entryKey: string, request: LeaseRequest, budgetMs?: number): Promise<Acquired> {
    const { token, leaseMs, known } = request;
    const args = [token, leaseMs, known === undefined ? '' : Buffer.from(known)];
    const sentAtMs = this.connection.localNowMs();
    const reply = (await this.run(ACQUIRE, entryKey, args, budgetMs)) as [Buffer, number, Buffer?];
    this.connection.learnServerTime(reply[1], sentAtMs, this.connection.localNowMs());
    const kind = reply[0].toString();
    if (kind === 'entry') return { kind, bytes: reply[2] as Buffer };
    return { kind: kind === 'lease' ? 'lease' : 'wait' };
  }

  async claim(
    entryKey: string,
    token: string,
    leaseMs: number,
    budgetMs?: number,
  ): Promise<void> {
    const lease = this.keys.lease(entryKey);
    await this.connection.run((client) => client.set(lease, token, 'PX', leaseMs), budgetMs);
  }

  async renew(entryKey: string, token: string, leaseMs: number): Promise<boolean> {
    return (await this.run(RENEW, entryKey, [token, leaseMs])) === 1;
  }

  async fill(
    entryKey: string,
    token: string,
    bytes: Uint8Array,
    ttlMs: number,
    budgetMs?: number,
  ): Promise<boolean> {
    return (await this.run(FILL, entryKey, [token, asBuffer(bytes), ttlMs], budgetMs)) === 1;
  }

  async release(entryKey: string, token: string): Promise<void> {
    await this.run(RELEASE, entryKey, [token]);
  }

  async evict(entryKey: string, budgetMs?: number): Promise<boolean> {
    return (await this.run(EVICT, entryKey, [], budgetMs)) === 1;
  }

  async discard(entryKey: string, known: Uint8Array): Promise<void> {
    await this.connection.run((client) => DISCARD.run(client, [entryKey], [asBuffer(known)]));
  }

  private run(
    script: Script,
    entryKey: string,
    args: readonly ScriptArgument[],
    budgetMs?: number,
  ): Promise<unknown> {
    const keys = [entryKey, this.keys.lease(entryKey)];
    return this.connection.run((client) => script.run(client, keys, args), budgetMs);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
