import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

const MANY_CLIENTS = 10_000;

/** An operator beside the libraries, who cuts connections. */
export class RedisAdmin {
  private readonly client: Redis;

  constructor(url: string) {
    this.client = new Redis(url);
  }

  /** Cuts every connection that listens, and lets no new one in until {@link admit}. */
  async cutListeners(): Promise<void> {
    const others = (await this.clients()) - (await this.listeners());
    await this.client.config('SET', 'maxclients', others);
    await this.client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  }

  /** Lets connections in again, and waits until as many listen as are expected. */
  async admit(listeners: number, withinMs: number): Promise<void> {
    await this.client.config('SET', 'maxclients', MANY_CLIENTS);
    const untilMs = Date.now() + withinMs;
    while ((await this.listeners()) < listeners && Date.now() < untilMs) await sleep(20);
  }

  async listeners(): Promise<number> {
    return this.count('pubsub');
  }

  /** Whether the server has something under a key of a library that contains this text. */
  async holds(text: string): Promise<boolean> {
    return (await this.client.keys(`*${text}*`)).length > 0;
  }

  /** Deletes the keys that contain this text, or all that do not. @returns how many */
  async delete(which: 'with' | 'without', text: string): Promise<number> {
    const keys = await this.client.keys('*');
    const chosen = keys.filter((key) => key.includes(text) === (which === 'with'));
    return chosen.length === 0 ? 0 : this.client.del(...chosen);
  }

  /** Deletes all that the server has. */
  async flushAll(): Promise<void> {
    await this.client.flushall();
  }

  /** Waits until the server has it. @returns whether it came in time */
  async comesToHold(text: string, withinMs: number): Promise<boolean> {
    const untilMs = Date.now() + withinMs;
    while (Date.now() < untilMs) {
      if (await this.holds(text)) return true;
      await sleep(20);
    }
    return false;
  }

  close(): void {
    this.client.disconnect();
  }

  private async clients(): Promise<number> {
    return (await this.count('normal')) + (await this.count('pubsub'));
  }

  private async count(type: 'normal' | 'pubsub'): Promise<number> {
    const list = (await this.client.call('CLIENT', 'LIST', 'TYPE', type)) as string;
    return list.split('\n').filter(Boolean).length;
  }
}
