import type { Alert } from '../cache/alert.js';
import type { CacheCounters } from '../cache/cache-counters.js';
import type { CacheEvents } from '../cache/cache-events.js';
import type { CacheMode, CacheStatistics } from '../cache/cache-statistics.js';
import type { RolloutChanged, RolloutReport } from '../cache/cache-rollout.service.js';
import type { EntryExplanation } from '../cache/entry-explanation.js';
import type { CacheScope } from '../config/cache-policy.js';
import type { ConnectionState } from '../connection/connection-state.js';
import type { RedisFigures } from '../connection/redis-figures.js';
import type { BreakerState } from '../resilience/circuit-breaker.js';

// What the routes answer, as JSON: a field that is undefined is left out. Times are milliseconds since
// 1970, by the clock of the process that answers.

/** `GET assets/settings.json`: what the page has to know before it may ask anything else. */
export interface AdminPageSettings {
  /**
   * The header in which the page sends a credential that it asks its user for. Null where the browser
   * sends one by itself: a cookie, or Basic authentication.
   */
  readonly credentialHeader: string | null;
  /** How often figures come on the stream. */
  readonly streamIntervalMs: number;
  /** How often anything comes on it, at least: a comment, where there is nothing to say. */
  readonly aliveMs: number;
}

/** `GET session`: who is asking, and what that may do. */
export interface AdminSession {
  readonly principal: AdminPrincipal;
  /** Whether values of entries are shown, and may be set. */
  readonly values: AdminValues;
}

/**
 * Whoever asks: an operator, who reaches everything, or somebody who reaches one tenant alone and
 * neither the global scope nor what spans tenants.
 */
export type AdminPrincipal =
  { readonly kind: 'operator' } | { readonly kind: 'tenant'; readonly tenant: string };

/** What is allowed with values of entries: nothing, seeing them, or also setting them. */
export type AdminValues = false | 'read' | 'write';

/** `GET statistics`, for an operator. */
export interface OperatorStatistics extends CacheStatistics {
  readonly principal: 'operator';
  /** With `redis=true`: what Redis says of itself, null if it does not. */
  readonly redis?: RedisFigures | null;
}

/** `GET statistics`, for a tenant: nothing that others have a part in. */
export interface TenantStatistics {
  readonly principal: 'tenant';
  readonly tenant: string;
  readonly mode: CacheMode;
  readonly period: CacheStatistics['period'];
  /** At least so many in this process; null if it is not among the ten busiest. */
  readonly calls: number | null;
  readonly loads: number | null;
}

/** `GET caches`, in the order of their names. A tenant is told of caches of scope `tenant` alone. */
export interface AdminCaches {
  readonly caches: readonly AdminCache[];
}

/** A cache that this process knows, and its policy; a decorated method may say otherwise for itself. */
export interface AdminCache {
  readonly name: string;
  readonly scope: CacheScope;
  readonly version: number;
  readonly ttlMs: number;
  readonly graceMs: number;
  readonly refreshAhead: number;
  readonly jitter: number;
  readonly near: { readonly ttlMs: number; readonly share: boolean } | false;
  readonly softTimeoutMs: number;
  readonly loadTimeoutMs: number;
  readonly waitTimeoutMs: number;
  readonly maxBytes: number;
  readonly compressFromBytes: number | false;
}

/** `GET health`. */
export interface AdminHealth {
  readonly atMs: number;
  /**
   * `degraded` while a Redis that is to be used is not, or the bus is not trusted then. The mode `memory` is
   * `ok`, whether evictions can be told or not.
   */
  readonly status: 'ok' | 'degraded';
  readonly mode: CacheMode;
  /** Null where no Redis is configured. */
  readonly connection: ConnectionState | null;
  /** How long Redis took to answer; null if it did not, or none is configured. Not on the stream. */
  readonly pingMs?: number | null;
  /** What the user of Redis has to be granted, where it lacks permissions. */
  readonly lackingPermissions?: string;
  /** Null where no Redis is configured. */
  readonly breaker: BreakerState | null;
  readonly bus: { readonly trusted: boolean; readonly delayMs?: number };
  readonly journal: CacheStatistics['journal'];
  readonly near: CacheStatistics['near'];
  /** Of the persistent store; left out where none is configured. */
  readonly persistence?: { readonly available: boolean; readonly unacknowledged: number };
  readonly flights: number;
  /** Of the stream, in this process. */
  readonly stream: { readonly listeners: number; readonly maxListeners: number };
}

/** `GET loads`: the slowest of the last 15 minutes in this process, the slowest first; up to 20. */
export interface AdminLoads {
  readonly slowest: readonly SlowLoad[];
}

export interface SlowLoad {
  readonly atMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
  readonly tenant: string | null;
  readonly cache: string;
  /** As in Redis; fit for `encodedKey`. */
  readonly key: string;
}

/** `GET events`, the oldest first. */
export interface AdminEvents {
  readonly events: readonly AdminEvent[];
  /** Whether events after the one asked for may be gone: only so many are kept. */
  readonly gap: boolean;
}

/** Something that happened in this process. */
export interface AdminEvent {
  /** Grows from event to event, also from one run of the process to the next. */
  readonly id: number;
  readonly atMs: number;
  /** Everything but `load`, of which there are too many; see `GET loads`. */
  readonly type: Exclude<keyof CacheEvents, 'load'>;
  readonly severity: 'info' | 'warning' | 'error';
  /** Null for the global scope; left out where no one tenant is meant. */
  readonly tenant?: string | null;
  readonly cache?: string;
  /** Of an entry, as in Redis; fit for `encodedKey`. */
  readonly key?: string;
  /** In words, for people. What an error of the application says is left out of it. */
  readonly summary: string;
}

/**
 * `GET entries`: why a read would hit or miss, and the value if it was asked for. A tenant is told
 * nothing of `connection`.
 */
export interface AdminEntry extends EntryExplanation {
  /** With `value=true`: null if there is no fresh one. */
  readonly value?: AdminValue | null;
}

/** A value: as JSON if JSON carries it exactly, else as Node shows it. */
export type AdminValue =
  | { readonly kind: 'json'; readonly json: unknown }
  | { readonly kind: 'text'; readonly text: string };

/** `PUT entries`. */
export interface EntrySet {
  /**
   * False for a value above `maxBytes` and a ttl of 0, which leave nothing there, and where another
   * write or an eviction came first.
   */
  readonly stored: boolean;
}

/** `DELETE entries`. */
export interface EntryEvicted {
  /** Whether it was there, as far as could be seen. */
  readonly existed: boolean;
}

/** `POST evictions/tags`, `evictions/cache`, `evictions/tenant`, `evictions/all`. */
export interface Evicted {
  /** False while Redis is away: evicted in this process, and replayed to Redis before it is read. */
  readonly acknowledged: boolean;
}

/** `POST evictions/pattern`. */
export interface PatternEvicted {
  /** Entries deleted in Redis; where none are kept there, also in this process. */
  readonly count: number;
}

/** `POST purges` (202), `GET purges/:id`; `GET purges` lists the last ones, the newest first. */
export interface AdminPurge {
  readonly id: string;
  readonly tenant: string;
  readonly state: 'running' | 'done' | 'incomplete';
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  /** Keys deleted in Redis so far; where none is configured, entries in this process. */
  readonly deleted: number;
  /** Where it is: on which of two walks, at which master, and how many keys it has looked at. */
  readonly progress?: {
    readonly step: 'leases' | 'rest';
    readonly node: number;
    readonly nodes: number;
    readonly scanned: number;
  };
  /** Of one that is incomplete: what to do. */
  readonly message?: string;
}

/** `GET purges`. */
export interface AdminPurges {
  readonly purges: readonly AdminPurge[];
}

/** `GET stream`, event `figures`: at once, at every `stream.interval`, and when the connection changes. */
export type StreamFigures = OperatorFigures | TenantStatistics;

export interface OperatorFigures {
  readonly principal: 'operator';
  readonly health: AdminHealth;
  /** Counters of all caches since the start: their differences are exact rates. */
  readonly counters: CacheCounters;
  /** The last minute, as of `GET statistics?window=1m`. */
  readonly lastMinute: CacheStatistics;
  /** What is raised now. */
  readonly alerts: readonly Alert[];
}

/** `GET stream`, event `events`: what `GET events` would give since the last; its id is the SSE id. */
export type StreamEvents = AdminEvents;

/** `GET rollouts`: for whom each cache is used, in the order of their names. */
export interface AdminRollouts {
  readonly rollouts: readonly RolloutReport[];
}

/** `PUT rollouts`, and `DELETE rollouts`, which has the options hold again. */
export type AdminRolloutChanged = RolloutChanged;

/** `POST webhook`. */
export interface WebhookAccepted {
  /** How many invalidations were made. */
  readonly applied: number;
}

/** Every answer that is an error, as `application/problem+json` (RFC 9457). */
export interface AdminProblem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  /** The fields at fault. */
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}
