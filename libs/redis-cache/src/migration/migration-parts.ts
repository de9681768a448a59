import type { CacheSide } from './cache-side.js';
import type { EntryMover } from './entry-mover.js';
import type { KeyLocks } from './key-locks.js';
import type { MapSide } from './map-side.js';
import type { ResolvedMapOptions } from './migrating-map.options.js';
import type { MigrationLog } from './migration-log.js';
import type { ModeSwitch } from './mode-switch.js';
import type { WriteWatch } from './write-watch.js';

/** What the operations of one `MigratingMap` share. */
export interface MigrationParts<K, V> {
  readonly options: ResolvedMapOptions<K, V>;
  readonly map: MapSide<K, V>;
  readonly cache: CacheSide<K, V>;
  readonly mover: EntryMover<K, V>;
  readonly modes: ModeSwitch;
  readonly locks: KeyLocks;
  readonly watch: WriteWatch;
  readonly log: MigrationLog<K>;
}
