import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { Alert, AlertChange } from '../cache/alert.js';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import { ALERT_OPTIONS, CACHE_RUNTIME } from '../constants/injection.tokens.js';
import { AlertMonitor } from './alert-monitor.js';
import { textOf } from './alert-text.js';
import { AlertWebhook, type WebhookCounts, type WebhookSettings } from './alert-webhook.js';
import type { ResolvedAlerts } from './resolve-alerts.js';

/** What is posted to the webhook. */
export interface AlertPost extends AlertChange {
  /** The alert in one sentence. */
  readonly text: string;
  /** The process that it is of: each tells its own. */
  readonly source: { readonly prefix: string; readonly host: string; readonly pid: number };
}

/** The application's alerts, which are told by the event `alert`, the log and the webhook. */
@Injectable()
export class CacheAlertsService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly monitor: AlertMonitor | undefined;
  private readonly webhook: AlertWebhook | undefined;
  private readonly logger = new Logger('RedisCache');

  /** @internal Made by Nest. */
  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(ALERT_OPTIONS) options: ResolvedAlerts | undefined,
  ) {
    if (!options) return;
    const { clock, events, statistics } = runtime;
    const connection = () => runtime.connection;
    const parts = { clock, events, statistics, connection, newId: randomUUID };
    this.monitor = new AlertMonitor(options, parts);
    this.webhook = options.webhook && this.webhookTo(options.webhook);
  }

  /** What is raised now, with what was measured last; nothing where `alerts: false` is said. */
  get active(): readonly Alert[] {
    return this.monitor?.active ?? [];
  }

  /** Whether anything is looked at. */
  get watching(): boolean {
    return this.monitor !== undefined;
  }

  /** What became of the posts to the webhook; undefined where there is none. */
  get webhookCounts(): WebhookCounts | undefined {
    return this.webhook?.counts;
  }

  onApplicationBootstrap(): void {
    this.runtime.events.on('alert', (change) => this.tell(change));
    this.monitor?.start();
  }

  async onModuleDestroy(): Promise<void> {
    this.monitor?.stop();
    await this.webhook?.close();
  }

  private tell(change: AlertChange): void {
    const text = textOf(change);
    if (change.state === 'raised') this.logger.warn(text);
    else this.logger.log(text);
    const { prefix } = this.runtime.keys;
    const post: AlertPost = {
      ...change,
      text,
      source: { prefix, host: hostname(), pid: process.pid },
    };
    this.webhook?.send(JSON.stringify(post));
  }

  private webhookTo(settings: WebhookSettings): AlertWebhook {
    // The path may be the secret, as with chats.
    const { origin } = new URL(settings.url);
    return new AlertWebhook(settings, {
      clock: this.runtime.clock,
      wallClockMs: Date.now,
      random: Math.random,
      onFailure: (reason) => {
        this.logger.warn(`An alert could not be posted to ${origin}: ${reason}.`);
      },
    });
  }
}
