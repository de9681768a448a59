import type { KeyvClient } from '../../libs/redis-cache/src/persistence/keyv.client.js';
import type { Gate } from './gate.js';

type KeyvOperation = 'get' | 'set' | 'delete';

/**
 * The connection of one process to what a Keyv keeps, with failures on command. `silent` is what many
 * adapters do: they tell an event of a failure, and answer as if nothing was there.
 */
export class MemoryKeyv implements KeyvClient {
  fault: 'none' | 'rejects' | 'silent' | 'hangs' = 'none';
  readonly sent: KeyvOperation[] = [];
  private readonly gatesBefore = new Map<KeyvOperation, Gate>();
  private gateFrom: { readonly command: number; readonly gate: Gate } | undefined;

  /** @param data what the processes of one test share */
  constructor(readonly data = new Map<string, string>()) {}

  /** The next commands of this kind wait before they are applied. */
  holdBefore(operation: KeyvOperation, gate: Gate): void {
    this.gatesBefore.set(operation, gate);
  }

  /** The command of this number, as {@link sent} has them, waits, and all after it. */
  holdFrom(command: number, gate: Gate): void {
    this.gateFrom = { command, gate };
  }

  /** Those that come from now on do not wait any more. */
  letThrough(): void {
    this.gatesBefore.clear();
    this.gateFrom = undefined;
  }

  get(key: string): Promise<unknown> {
    return this.apply('get', () => this.data.get(key));
  }

  set(key: string, value: string): Promise<unknown> {
    return this.apply('set', () => void this.data.set(key, value));
  }

  delete(key: string): Promise<unknown> {
    return this.apply('delete', () => this.data.delete(key));
  }

  async *iterator(): AsyncIterable<unknown> {
    for (const pair of [...this.data]) {
      await Promise.resolve();
      yield pair;
    }
  }

  private async apply<T>(operation: KeyvOperation, apply: () => T): Promise<T | undefined> {
    const number = this.sent.push(operation) - 1;
    if (this.gateFrom && number >= this.gateFrom.command) await this.gateFrom.gate.pass();
    await this.gatesBefore.get(operation)?.pass();
    switch (this.fault) {
      case 'none':
        return apply();
      case 'rejects':
        throw new Error('failed, by command of the test');
      case 'silent':
        return undefined;
      case 'hangs':
        return new Promise(() => undefined);
    }
  }
}
