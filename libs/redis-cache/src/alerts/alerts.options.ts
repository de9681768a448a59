import type { StatisticsWindow } from '../cache/cache-statistics.js';
import type { Duration } from '../config/duration.js';

/** When too few calls are answered by the cache. */
export interface HitRateAlert {
  /** Raised when the share of hits falls below this, from 0 to 1. @default 0.5 */
  below?: number;
  /** Resolved when it has come up to this. @default a tenth above */
  clear?: number;
}

/** When calls take too long. */
export interface LatencyAlert {
  /** Raised when what a call takes in the mean, work with Redis and loads, is above this. @default '100ms' */
  above?: Duration;
  /** Resolved when it has come down to this. @default a tenth below */
  clear?: Duration;
}

/** When too much fails. */
export interface ErrorsAlert {
  /** Raised when of work with Redis and loads a larger share fails, from 0 to 1. @default 0.05 */
  above?: number;
  /** Resolved when it has come down to this. @default a tenth below */
  clear?: number;
}

/** When Redis is away. */
export interface DisconnectedAlert {
  /** Raised when Redis has been away for so long. @default '30s' */
  after?: Duration;
  /** Resolved when it has been back for so long. @default '10s' */
  clear?: Duration;
}

/** What is watched of one cache, beside all of them together. */
export interface CacheAlertOptions {
  minSample?: number;
  hitRate?: HitRateAlert;
  latency?: LatencyAlert;
  errors?: ErrorsAlert;
}

/** Where alerts are posted to, as JSON, signed. */
export interface AlertWebhookOptions {
  /** `https:` or `http:`. It is never logged but for its host. */
  url: string;
  /** Signs every post: 16 characters or more. See `verifyCacheWebhook`. */
  secret: string;
  /** Further headers, for an access token say. @default none */
  headers?: Readonly<Record<string, string>>;
  /** How long an answer is waited for. @default '5s' */
  timeout?: Duration;
  /** How often an alert is posted at most, before it is given up. @default 5 */
  attempts?: number;
  /** Pause after the first attempt that failed; pauses double, with jitter, up to a minute. @default '1s' */
  retry?: Duration;
  /** How many wait to be posted at most. Past that the oldest is dropped. @default 100 */
  maxQueued?: number;
}

/** What is looked at to raise alerts, and where they are told beside events and the log. */
export interface AlertsOptions {
  /** How often it is looked. @default '5s' */
  interval?: Duration;
  /** The time that rates and means are of. A process that is younger is not judged by them. @default '1m' */
  window?: Exclude<StatisticsWindow, 'start'>;
  /** With fewer calls than this in the window nothing is raised, and nothing resolved. @default 100 */
  minSample?: number;
  /** `false` does not look at it; so with the other three. */
  hitRate?: HitRateAlert | false;
  latency?: LatencyAlert | false;
  errors?: ErrorsAlert | false;
  disconnected?: DisconnectedAlert | false;
  /** What to look at of single caches, by name, beside all caches together. @default none */
  caches?: Readonly<Record<string, CacheAlertOptions>>;
  /** Where alerts are posted to. @default nowhere */
  webhook?: AlertWebhookOptions | false;
}
