import type { CacheService } from '../cache/cache.service.js';
import { knownFields } from '../config/option-checks.js';
import { MigrationRefusedError } from '../errors/migration-refused.error.js';
import { CacheSide } from './cache-side.js';
import type { DrainProgress } from './drain-progress.js';
import { Drain, resolveDrainOptions, type DrainOptions } from './drain.js';
import { EntryMover, type DifferingRule, type MoveOutcome } from './entry-mover.js';
import { KeyLocks } from './key-locks.js';
import { MapEntries, type MapEntry } from './map-entry.js';
import { MapLoader, type MapLoad } from './map-loader.js';
import { MapReader } from './map-reader.js';
import { MapSide } from './map-side.js';
import type { MapSource } from './map-source.interface.js';
import { MapWriter, type Change } from './map-writer.js';
import {
  assertFits,
  resolveMapOptions,
  type MigratingMapOptions,
} from './migrating-map.options.js';
import type { MigrationEvents } from './migration-events.js';
import { MigrationLog } from './migration-log.js';
import { migrationMode, type MigrationMode } from './migration-mode.js';
import type { MigrationParts } from './migration-parts.js';
import type { MigrationStatistics } from './migration-statistics.js';
import { ModeSwitch, type SwitchOptions } from './mode-switch.js';
import { WriteWatch } from './write-watch.js';

/**
 * A Map on its way into the cache: one asynchronous interface to both, and a mode that says which of
 * them answers. See {@link MigrationMode} for what each mode does, and docs/migrating-from-maps.md
 * for the way through them.
 *
 * In this process, operations on one entry are done one after the other, also across a switch of the
 * mode; what goes past this object to the Map is not seen.
 *
 * @example new MigratingMap(caches, new Map<string, Lead>(), {
 *   cache: 'lead.byPhone',
 *   entry: (key) => { const [tenant, phone] = key.split('|'); return { tenant, key: phone }; },
 * })
 */
export class MigratingMap<K, V> {
  private readonly parts: MigrationParts<K, V>;
  private readonly entries: MapEntries<K, V>;
  private readonly reader: MapReader<K, V>;
  private readonly writer: MapWriter<K, V>;
  private readonly loader: MapLoader<K, V>;
  private drainUnderWay = false;

  /**
   * @throws {InvalidCacheOptionsError} an option or the variable of the environment cannot be used, or
   *   the mode is cache-only and the Map is not empty
   */
  constructor(caches: CacheService, source: MapSource<K, V>, options: MigratingMapOptions<K, V>) {
    const resolved = resolveMapOptions(options);
    assertFits(resolved, source);
    const map = new MapSide(source, resolved.equals);
    const cache = new CacheSide(caches, resolved);
    this.parts = {
      options: resolved,
      map,
      cache,
      mover: new EntryMover(map, cache, resolved),
      modes: new ModeSwitch(resolved.cache, resolved.mode),
      locks: new KeyLocks(),
      watch: new WriteWatch(),
      log: new MigrationLog(resolved.cache),
    };
    this.entries = new MapEntries(caches, resolved);
    this.reader = new MapReader(this.parts);
    this.writer = new MapWriter(this.parts);
    this.loader = new MapLoader(this.parts, this.writer);
  }

  get mode(): MigrationMode {
    return this.parts.modes.mode;
  }

  /**
   * The value, or undefined if there is none.
   *
   * @throws {TenantMissingError} the key names no tenant
   */
  async get(key: K): Promise<V | undefined> {
    return (await this.reader.find(this.entries.of(key, 'get')))?.value;
  }

  /** Whether there is a value, also if it is undefined. */
  async has(key: K): Promise<boolean> {
    return this.reader.has(this.entries.of(key, 'has'));
  }

  /**
   * Sets a value. What the cache does not take stays in the Map, and is counted and told by the event
   * `left`.
   *
   * @throws {UncacheableValueError} in cache-only: it cannot be carried so that it comes out as it went in
   */
  async set(key: K, value: V): Promise<void> {
    await this.writer.set(this.entries.of(key, 'set'), value);
  }

  /**
   * Sets what `change` makes of the value there is. In this process nothing comes in between, which
   * is what a Map has by itself, and `get` and `set` with an `await` between them have not. Of two
   * processes the later one wins.
   *
   * @param change may change what it gets and give it back
   * @returns the new value
   * @throws whatever `change` throws; nothing is set then
   */
  async update(key: K, change: Change<V>): Promise<V> {
    const entry = this.entries.of(key, 'update');
    const find = async () => (await this.reader.findLocked(entry))?.value;
    return this.writer.update(entry, find, change);
  }

  /** Deletes it from both sides. @returns whether it was there, as far as could be seen */
  async delete(key: K): Promise<boolean> {
    return this.writer.delete(this.entries.of(key, 'delete'));
  }

  /**
   * The value; where there is none, it is loaded and set. Callers that ask at the same time share one
   * load: in this process, and from cache-first on in all. A value that is set or deleted while it
   * loads is not replaced by it.
   *
   * @param load from cache-first on it runs under the tenant of the entry and no other context of its
   *   caller
   * @throws whatever `load` throws, unchanged
   */
  async getOrLoad(key: K, load: MapLoad<V>): Promise<V> {
    const entry = this.entries.of(key, 'getOrLoad');
    const held = await this.reader.find(entry);
    return held ? held.value : this.loader.load(entry, load);
  }

  /**
   * Changes the mode, when all writes under way have ended; those that come meanwhile wait for it.
   * Forward it goes by one mode at a time, back by any number. Every switch ends a drain.
   *
   * @throws {MigrationRefusedError} it skips a mode, or entries would be lost sight of: see
   *   {@link SwitchOptions.leaveBehind}
   * @throws {InvalidCacheOptionsError} there is no such mode
   */
  async switchTo(mode: MigrationMode, options: SwitchOptions = {}): Promise<void> {
    migrationMode(mode, 'mode of switchTo');
    knownFields(options, 'options of switchTo', ['leaveBehind']);
    const { leaveBehind = false } = options;
    const { locks, modes, map, log } = this.parts;
    await locks.exclusively(async () => {
      const from = modes.mode;
      await modes.to(mode, leaveBehind, () => map.isEmpty());
      if (from !== mode) log.events.emit('switch', { cache: this.name, from, to: mode });
    });
  }

  /**
   * Moves everything from the Map to the cache. An entry leaves the Map when Redis has confirmed it,
   * so a process may die at any point: the next drain goes on. From its beginning on, writes do not
   * stay in the Map either, and the way back to map-only is closed; see {@link switchTo}.
   *
   * @returns how many have moved, and how many were left, by reason
   * @throws {MigrationRefusedError} the mode is not cache-first, another drain is under way, or the
   *   Map has no keys() and none are given
   * @throws the reason of the signal, if that aborts it
   */
  async drain(options: DrainOptions<K> = {}): Promise<DrainProgress> {
    const { concurrency, signal, differing, onProgress, ...given } = resolveDrainOptions(options);
    const { locks, modes, map, log } = this.parts;
    if (this.drainUnderWay) throw this.refused('another one is under way', 'Wait for its end.');
    this.drainUnderWay = true;
    try {
      const keys = await locks.exclusively(() => {
        const listed = given.keys ?? map.keys();
        if (!listed)
          throw this.refused('the Map cannot list its keys', 'Give drain the option keys.');
        modes.beginDrain();
        return listed;
      });
      const tell = (progress: DrainProgress): void => {
        log.events.emit('drainProgress', { cache: this.name, ...progress });
        onProgress(progress);
      };
      const drain = new Drain<K>(map.size, (key) => this.moveOne(key, differing), tell);
      return await drain.run(keys, concurrency, signal);
    } finally {
      this.drainUnderWay = false;
    }
  }

  /** What was done so far, and where it stands. */
  statistics(): MigrationStatistics {
    const { modes, map, log } = this.parts;
    const { mode, draining } = modes;
    const { left, ...counters } = log.counters;
    return { mode, draining, inMap: map.size, ...counters, left: { ...left } };
  }

  /**
   * Calls `listener` at every `event`. One that throws disturbs nothing; its error is logged.
   *
   * @returns removes the listener
   */
  on<E extends keyof MigrationEvents>(
    event: E,
    listener: (payload: MigrationEvents<K>[E]) => void,
  ): () => void {
    return this.parts.log.events.on(event, listener);
  }

  /** Resolves when the comparisons of shadow that are under way have ended. */
  idle(): Promise<void> {
    return this.reader.idle();
  }

  private get name(): string {
    return this.parts.options.cache;
  }

  private async moveOne(key: K, differing: DifferingRule): Promise<MoveOutcome> {
    const { locks, log } = this.parts;
    let entry: MapEntry<K, V>;
    try {
      entry = this.entries.of(key, 'drain');
    } catch (error) {
      const outcome: MoveOutcome = { kind: 'left', reason: 'failed', error };
      log.move(key, outcome);
      return outcome;
    }
    return locks.run(entry.id, () => this.moveNow(entry, differing));
  }

  private async moveNow(entry: MapEntry<K, V>, differing: DifferingRule): Promise<MoveOutcome> {
    const { modes, mover, log } = this.parts;
    if (!modes.draining) {
      throw this.refused(
        `the mode was changed to ${modes.mode}`,
        'What was not moved is in the Map.',
      );
    }
    const outcome = await mover.move(entry, differing);
    log.move(entry.mapKey, outcome);
    return outcome;
  }

  private refused(problem: string, remedy: string): MigrationRefusedError {
    return new MigrationRefusedError(`The drain of '${this.name}'`, problem, remedy);
  }
}
