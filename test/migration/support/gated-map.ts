import type { MapSource } from 'nestjs-redis-cache/migration';
import type { Gate } from '../../support/gate.js';

type Step = 'get' | 'set' | 'delete';

/** A Map behind promises, as one in a database is, whose steps wait where a test says. */
export class GatedMap<K, V> implements MapSource<K, V> {
  private readonly gates = new Map<Step, Gate>();

  constructor(readonly map = new Map<K, V>()) {}

  /** The next step of this kind is taken when the gate opens. */
  hold(step: Step, gate: Gate): void {
    this.gates.set(step, gate);
  }

  async get(key: K): Promise<V | undefined> {
    await this.pass('get');
    return this.map.get(key);
  }

  async set(key: K, value: V): Promise<void> {
    await this.pass('set');
    this.map.set(key, value);
  }

  async delete(key: K): Promise<boolean> {
    await this.pass('delete');
    return this.map.delete(key);
  }

  has(key: K): Promise<boolean> {
    return Promise.resolve(this.map.has(key));
  }

  async *keys(): AsyncGenerator<K> {
    for (const key of [...this.map.keys()]) yield Promise.resolve(key);
  }

  private async pass(step: Step): Promise<void> {
    const gate = this.gates.get(step);
    this.gates.delete(step);
    await gate?.pass();
  }
}
