export type { KeyvClient } from './keyv.client.js';
export { KeyvStore, type KeyvStoreOptions } from './keyv.store.js';
export type {
  PersistedEntry,
  PersistedErasure,
  PersistedLook,
  PersistedWrite,
  PersistentStore,
} from './persistent-store.interface.js';
export type { PostgresClient, PostgresValue } from './postgres.client.js';
export { PostgresStore, type PostgresStoreOptions } from './postgres.store.js';
