import type { Alert, AlertChange } from '../cache/alert.js';
import type { ActivitiesSnapshot } from '../cache/cache-activities.js';
import { joinActivities } from '../cache/cache-activity.js';
import type { CacheEvents } from '../cache/cache-events.js';
import type { StatisticsWindow } from '../cache/cache-statistics.js';
import type { StatisticsReporter } from '../cache/statistics-reporter.js';
import type { ConnectionState } from '../connection/connection-state.js';
import type { Clock } from '../resilience/clock.js';
import type { TypedEmitter } from '../resilience/emitter.js';
import {
  judge,
  measure,
  type AlertRule,
  type DisconnectedRule,
  type MeasuredRule,
  type Verdict,
} from './alert-rule.js';

/** What is looked at, and how often. */
export interface AlertSettings {
  readonly rules: readonly AlertRule[];
  readonly intervalMs: number;
  readonly window: Exclude<StatisticsWindow, 'start'>;
}

/** What an {@link AlertMonitor} looks at. */
export interface AlertMonitorParts {
  readonly clock: Clock;
  readonly events: TypedEmitter<CacheEvents>;
  readonly statistics: Pick<StatisticsReporter, 'over'>;
  /** Undefined where no Redis is configured. */
  readonly connection: () => ConnectionState | undefined;
  /** An id that no other alert has. */
  readonly newId: () => string;
}

/** Looks at the counters from time to time, and tells once when something is raised or resolved. */
export class AlertMonitor {
  private readonly raised = new Map<AlertRule, Alert>();
  private cancel: () => void = () => undefined;
  private stopListening: () => void = () => undefined;
  /** Whether Redis can be used, and since when that is so. */
  private connected = { is: false, sinceMs: 0 };

  constructor(
    private readonly settings: AlertSettings,
    private readonly parts: AlertMonitorParts,
  ) {}

  /** What is raised now, as it was measured last. */
  get active(): Alert[] {
    return [...this.raised.values()];
  }

  /** Begins to look, on a timer that keeps no process alive. */
  start(): void {
    const { clock, events, connection } = this.parts;
    this.connected = { is: connection()?.kind === 'ready', sinceMs: clock.nowMs() };
    this.stopListening = events.on('state', ({ to }) => {
      const is = to.kind === 'ready';
      if (is !== this.connected.is) this.connected = { is, sinceMs: clock.nowMs() };
    });
    this.lookLater();
  }

  stop(): void {
    this.cancel();
    this.stopListening();
  }

  private lookLater(): void {
    const look = (): void => {
      this.lookLater();
      this.look();
    };
    this.cancel = this.parts.clock.schedule(this.settings.intervalMs, look, { background: true });
  }

  private look(): void {
    const activities = this.measured();
    for (const rule of this.settings.rules) {
      if (rule.kind === 'disconnected') this.judgeConnection(rule);
      else this.judgeMeasured(rule, activities);
    }
  }

  /** Undefined before there was a whole window, so that a cold start raises nothing. */
  private measured(): ActivitiesSnapshot | undefined {
    const { window, rules } = this.settings;
    if (rules.every(({ kind }) => kind === 'disconnected')) return undefined;
    const { whole, activities } = this.parts.statistics.over(window);
    return whole ? activities : undefined;
  }

  private judgeMeasured(rule: MeasuredRule, activities: ActivitiesSnapshot | undefined): void {
    if (!activities) return;
    const { caches } = activities;
    const activity =
      rule.cache === undefined ? joinActivities([...caches.values()]) : caches.get(rule.cache);
    if (!activity) return;
    const { value, sample } = measure(rule.kind, activity);
    if (sample >= rule.minSample) this.apply(rule, judge(rule, value), value, rule.raise);
  }

  private judgeConnection(rule: DisconnectedRule): void {
    const { clock, connection } = this.parts;
    if (connection() === undefined) return;
    const { is, sinceMs } = this.connected;
    const forMs = clock.nowMs() - sinceMs;
    if (is) this.apply(rule, forMs >= rule.clearMs ? 'clear' : 'none', 0, rule.afterMs);
    else this.apply(rule, forMs >= rule.afterMs ? 'raise' : 'none', forMs, rule.afterMs);
  }

  private apply(rule: AlertRule, verdict: Verdict, value: number, threshold: number): void {
    const known = this.raised.get(rule);
    if (known) {
      const alert = { ...known, value };
      if (verdict === 'clear') {
        this.raised.delete(rule);
        this.tell(alert, 'resolved');
      } else this.raised.set(rule, alert);
    } else if (verdict === 'raise') {
      const { kind, cache } = rule;
      const sinceMs = this.parts.clock.nowMs();
      const alert = { id: this.parts.newId(), kind, cache, value, threshold, sinceMs };
      this.raised.set(rule, alert);
      this.tell(alert, 'raised');
    }
  }

  private tell(alert: Alert, state: AlertChange['state']): void {
    this.parts.events.emit('alert', { ...alert, state, atMs: this.parts.clock.nowMs() });
  }
}
