import { types } from 'node:util';
import type { Held, MapSource } from './map-source.interface.js';

/** The Map, whichever kind of it. */
export class MapSide<K, V> {
  constructor(
    private readonly source: MapSource<K, V>,
    private readonly equals: (inCache: V, inMap: V) => boolean,
  ) {}

  async find(key: K): Promise<Held<V> | undefined> {
    const value = await this.source.get(key);
    if (value !== undefined) return { value };
    if (!(await this.source.has(key))) return undefined;
    // It was undefined, or nothing, and may have been set between the two looks.
    return { value: (await this.source.get(key)) as V };
  }

  async has(key: K): Promise<boolean> {
    return this.source.has(key);
  }

  async put(key: K, value: V): Promise<void> {
    await this.source.set(key, value);
  }

  async remove(key: K): Promise<boolean> {
    return this.source.delete(key);
  }

  /**
   * Removes an entry that still has this value. Where the Map is not asynchronous, nothing can come
   * between looking and removing.
   *
   * @returns false if it has another one by now
   */
  async removeIf(key: K, inCache: V): Promise<boolean> {
    const looked = this.source.get(key);
    const inMap = isPromise(looked) ? await looked : looked;
    if (!this.equals(inCache, inMap as V)) return false;
    await this.source.delete(key);
    return true;
  }

  /** How many entries there are, where that can be told at once. */
  get size(): number | undefined {
    return this.source.size;
  }

  /** Every key; undefined where it cannot tell. */
  keys(): Iterable<K> | AsyncIterable<K> | undefined {
    const { source } = this;
    // A Map that is written while it is walked through might never end.
    return types.isMap(source) ? [...(source as Map<K, V>).keys()] : source.keys?.();
  }

  /** Whether nothing is in it; undefined where it cannot tell. */
  async isEmpty(): Promise<boolean | undefined> {
    if (this.size !== undefined) return this.size === 0;
    const keys = this.keys();
    if (!keys) return undefined;
    for await (const _ of keys) return false;
    return true;
  }
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
