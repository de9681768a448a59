import { randomBytes } from 'node:crypto';
import { failureKind } from '../connection/failure-kind.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import type { Script, ScriptArgument } from '../connection/script-runner.js';
import {
  entryMessage,
  parseStamp,
  patternMessage,
  stampMessageHead,
} from '../invalidation/bus-message.js';
import type { Stamp } from '../invalidation/stamp-table.js';
import type { KeyPattern } from '../keys/key-pattern.js';
import type { KeySelection } from '../keys/key-selection.js';
import type { KeySpace } from '../keys/key-space.js';
import type {
  Acquired,
  FarLook,
  FarStore,
  FillRequest,
  LeaseRequest,
  SweepProgress,
} from './far-store.interface.js';
import {
  ACQUIRE,
  DISCARD,
  EVICT,
  FILL,
  RELEASE,
  RENEW,
  RENEW_STAMP,
  STAMP,
} from './far.scripts.js';
import { sweepKeys } from './sweep-keys.js';

/** A renewed stamp outlives entries of any usual ttl; in use it is prolonged as they need it. */
const RENEWED_STAMP_LIFE_MS = 60 * 86_400_000;

/** The far tier on Redis: every step that must not be torn apart is one script. */
export class RedisFarStore implements FarStore {
  /** @param origin names this process in what it tells the others */
  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: KeySpace,
    private readonly origin: string,
  ) {}

  get available(): boolean {
    return this.connection.available;
  }

  get reachable(): boolean {
    return this.connection.reachable;
  }

  onRecovery(recover: () => Promise<void>): void {
    this.connection.recoverBy(recover);
  }

  suspect(reason: string): void {
    this.connection.suspect(reason);
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

  async claim(entryKey: string, token: string, leaseMs: number, budgetMs?: number): Promise<void> {
    const lease = this.keys.lease(entryKey);
    await this.connection.run((client) => client.set(lease, token, 'PX', leaseMs), budgetMs);
  }

  async renew(entryKey: string, token: string, leaseMs: number): Promise<boolean> {
    return (await this.run(RENEW, entryKey, [token, leaseMs])) === 1;
  }

  async fill(
    entryKey: string,
    token: string,
    { bytes, ttlMs, announce }: FillRequest,
    budgetMs?: number,
  ): Promise<boolean> {
    const message = announce ? entryMessage(this.origin, entryKey) : '';
    const args = [token, asBuffer(bytes), ttlMs, this.keys.channel(), message];
    return (await this.run(FILL, entryKey, args, budgetMs)) === 1;
  }

  async release(entryKey: string, token: string): Promise<void> {
    await this.run(RELEASE, entryKey, [token]);
  }

  async evict(entryKey: string): Promise<boolean> {
    const keys = [entryKey, this.keys.lease(entryKey)];
    const args = [this.keys.channel(), entryMessage(this.origin, entryKey)];
    return (await this.connection.update((client) => EVICT.run(client, keys, args))) === 1;
  }

  async stamp(stampKey: string, lifeMs: number, budgetMs?: number): Promise<Stamp> {
    const args = [newStampId(), lifeMs];
    const reply = await this.connection.run(
      (client) => STAMP.run(client, [stampKey], args),
      budgetMs,
    );
    return stampOf(stampKey, reply);
  }

  async renewStamp(stampKey: string, id: string): Promise<Stamp> {
    const message = stampMessageHead(this.origin, stampKey);
    const args = [id, RENEWED_STAMP_LIFE_MS, this.keys.channel(), message];
    const renew = this.connection.update((client) => RENEW_STAMP.run(client, [stampKey], args));
    return stampOf(stampKey, await renew);
  }

  async publish(channel: string, message: string): Promise<void> {
    await this.connection.update((client) => client.publish(channel, message));
  }

  sweep(
    selection: KeySelection,
    onProgress: (progress: SweepProgress) => void = () => undefined,
  ): Promise<number> {
    return sweepKeys(this.connection, selection, onProgress);
  }

  async announce(pattern: KeyPattern): Promise<void> {
    try {
      await this.publish(this.keys.channel(), patternMessage(this.origin, pattern));
    } catch (error) {
      if (failureKind(error) !== 'refused') throw error;
    }
  }

  async look(entryKey: string): Promise<FarLook> {
    const leaseKey = this.keys.lease(entryKey);
    const [bytes, token, leftMs] = await this.connection.run((client) =>
      Promise.all([client.getBuffer(entryKey), client.getBuffer(leaseKey), client.pttl(leaseKey)]),
    );
    return {
      bytes: bytes ?? undefined,
      // It may have gone between the two answers.
      lease: token && leftMs >= 0 ? { token: token.toString(), leftMs } : undefined,
    };
  }

  async peekStamps(stampKeys: readonly string[]): Promise<(Stamp | undefined)[]> {
    const texts = await this.connection.run((client) =>
      Promise.all(stampKeys.map((key) => client.getBuffer(key))),
    );
    return texts.map((text) => (text ? parseStamp(text.toString()) : undefined));
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

/** An id for a stamp, which nobody else draws. */
export function newStampId(): string {
  return randomBytes(8).toString('hex');
}

function stampOf(stampKey: string, reply: unknown): Stamp {
  const stamp = parseStamp(String(reply));
  if (!stamp) throw new TypeError(`What stands under ${stampKey} is not a stamp`);
  return stamp;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
