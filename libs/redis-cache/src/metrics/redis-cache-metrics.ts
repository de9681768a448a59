import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Registry } from 'prom-client';
import { CacheAlertsService } from '../alerts/cache-alerts.service.js';
import type { AlertKind } from '../cache/alert.js';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import { CACHE_RUNTIME } from '../constants/injection.tokens.js';
import type { RolloutMode, RolloutState } from '../rollout/rollout-state.js';
import { CacheScrape, CONNECTION_STATES, OTHERS } from './cache-scrape.js';
import { MetricSet } from './metric-set.js';
import { METRICS_OPTIONS, type ResolvedMetricsOptions } from './metrics.options.js';
import { addPersistence } from './persistence.metrics.js';
import { operationsOf } from './operations.js';

const ROLLOUT_MODES: readonly RolloutMode[] = ['off', 'shadow', 'on'];

const ALERT_KINDS: readonly AlertKind[] = ['hitRate', 'latency', 'errors', 'disconnected'];

/**
 * The metrics of an application's cache. They cost nothing until they are scraped: what the cache
 * counts anyway is read then.
 */
@Injectable()
export class RedisCacheMetrics implements OnModuleInit, OnModuleDestroy {
  /** Where they are registered. */
  readonly registry: Registry;
  private readonly metrics: MetricSet;
  private scraped: CacheScrape | undefined;

  /** @internal Made by Nest. */
  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(METRICS_OPTIONS) private readonly options: ResolvedMetricsOptions,
    private readonly alerts: CacheAlertsService,
  ) {
    this.registry = options.registry ?? new Registry();
    this.metrics = new MetricSet(this.registry, options.prefix);
  }

  /** @throws {InvalidCacheOptionsError} the registry has metrics of these names already */
  onModuleInit(): void {
    this.addOperations();
    this.addLatencies();
    this.addConnection();
    this.addProcess();
    this.addAlerts();
    addPersistence(
      this.metrics,
      () => this.scrape.statistics.persistence,
      () => this.runtime.statistics.persistentLatencies(),
    );
    this.addRollouts();
  }

  onModuleDestroy(): void {
    this.metrics.remove();
  }

  /** All metrics are asked in one turn of the event loop, and answer of the same moment. */
  private get scrape(): CacheScrape {
    if (this.scraped) return this.scraped;
    queueMicrotask(() => (this.scraped = undefined));
    return (this.scraped = new CacheScrape(this.runtime.statistics, this.options.maxCaches));
  }

  private addOperations(): void {
    this.metrics.counter({
      name: 'operations_total',
      help: 'What the cache did: operation, how it ended (type), and the cache (resource).',
      labels: ['type', 'operation', 'resource'],
      read: (tell) => {
        for (const [resource, { activity }] of this.scrape.caches) {
          for (const { operation, type, count } of operationsOf(activity)) {
            tell({ type, operation, resource }, count);
          }
        }
      },
    });
    this.metrics.counter({
      name: 'evictions_total',
      help: 'Evictions by what they hit (kind), made here or by another process (origin).',
      labels: ['kind', 'origin'],
      read: (tell) => {
        for (const [kind, { here, remote }] of Object.entries(this.scrape.statistics.evictions)) {
          tell({ kind, origin: 'here' }, here);
          tell({ kind, origin: 'remote' }, remote);
        }
      },
    });
  }

  private addLatencies(): void {
    const add = (work: 'near' | 'far' | 'load', boundsMs: readonly number[], help: string) => {
      const read = () => this.scrape.latencies(work);
      this.metrics.latency(`${work}_duration_seconds`, help, { boundsMs, read });
    };
    add('near', powersOfTwo(-9, 0), 'Hits in this process; about one of 256 is timed.');
    add('far', powersOfTwo(-4, 10), 'Work with Redis, each step of it, failed ones too.');
    add('load', powersOfTwo(-1, 15), 'Loads, failed ones too.');
  }

  private addConnection(): void {
    this.metrics.gauge({
      name: 'connection_state',
      help: '1 for the state of the connection to Redis; nothing where none is configured.',
      labels: ['state'],
      read: (tell) => {
        const { connection } = this.scrape.statistics;
        if (connection === undefined) return;
        for (const state of CONNECTION_STATES) tell({ state }, Number(state === connection));
      },
    });
    this.addGauge('bus_trusted', '1 while the near tier is trusted.', ({ bus }) =>
      Number(bus.trusted),
    );
    this.addGauge(
      'bus_delay_seconds',
      'How long the last message of this process to itself took.',
      ({ bus }) => (bus.delayMs === undefined ? undefined : bus.delayMs / 1_000),
    );
    this.metrics.counter({
      name: 'bus_malformed_messages_total',
      help: 'Text on the channel of the bus that is no message.',
      labels: [],
      read: (tell) => tell({}, this.scrape.statistics.bus.malformed),
    });
    this.addGauge(
      'journal_evictions',
      'Evictions kept for a replay.',
      ({ journal }) => journal.size,
    );
    this.addGauge(
      'journal_unacknowledged',
      'Those of them that Redis has not confirmed.',
      ({ journal }) => journal.unacknowledged,
    );
  }

  private addProcess(): void {
    const ofCaches = (name: string, help: string, field: 'entries' | 'bytes') => {
      this.metrics.gauge({
        name,
        help,
        labels: ['resource'],
        read: (tell) => {
          for (const [resource, { near }] of this.scrape.caches) tell({ resource }, near[field]);
        },
      });
    };
    ofCaches('near_entries', 'Entries held in this process.', 'entries');
    ofCaches('near_bytes', 'What they take, as accounted.', 'bytes');
    this.metrics.counter({
      name: 'near_pushed_out_total',
      help: 'Entries that had to make room for others.',
      labels: [],
      read: (tell) => tell({}, this.scrape.statistics.near.evictions),
    });
    this.addGauge('flights', 'Loads, refreshes and writes under way.', ({ flights }) => flights);
  }

  private addAlerts(): void {
    this.metrics.gauge({
      name: 'alerts_active',
      help: 'Alerts that are raised, by what they are about (kind); nothing where none is looked for.',
      labels: ['kind'],
      read: (tell) => {
        if (!this.alerts.watching) return;
        const { active } = this.alerts;
        for (const kind of ALERT_KINDS) {
          tell({ kind }, active.filter((alert) => alert.kind === kind).length);
        }
      },
    });
  }

  private addRollouts(): void {
    const ofCaches = (tell: (resource: string, state: RolloutState) => void) => {
      for (const resource of this.scrape.caches.keys()) {
        if (resource !== OTHERS) tell(resource, this.runtime.rollouts.of(resource).state);
      }
    };
    this.metrics.gauge({
      name: 'rollout_mode',
      help: '1 for the mode that the rollout of a cache is in.',
      labels: ['mode', 'resource'],
      read: (tell) =>
        ofCaches((resource, state) => {
          for (const mode of ROLLOUT_MODES) tell({ mode, resource }, Number(mode === state.mode));
        }),
    });
    this.metrics.gauge({
      name: 'rollout_percent',
      help: 'How many of all tenants a cache is on for; nothing where it is off or in shadow mode.',
      labels: ['resource'],
      read: (tell) =>
        ofCaches((resource, state) => {
          if (state.mode === 'on') tell({ resource }, state.percent);
        }),
    });
  }

  private addGauge(
    name: string,
    help: string,
    valueOf: (statistics: CacheScrape['statistics']) => number | undefined,
  ): void {
    const read = (tell: (labels: object, value: number) => void) => {
      const value = valueOf(this.scrape.statistics);
      if (value !== undefined) tell({}, value);
    };
    this.metrics.gauge({ name, help, labels: [], read });
  }
}

/** From 2ⁿ to 2ᵐ milliseconds: bounds at which latencies are counted exactly. */
function powersOfTwo(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => 2 ** (from + index));
}
