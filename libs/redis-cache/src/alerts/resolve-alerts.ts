import { ALERT_DEFAULTS } from '../config/defaults.js';
import { durationMs, positiveMs, type Duration } from '../config/duration.js';
import { fraction, knownFields, wholeNumber } from '../config/option-checks.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import type { AlertSettings } from './alert-monitor.js';
import type { AlertRule, MeasuredKind, MeasuredRule } from './alert-rule.js';
import type { WebhookSettings } from './alert-webhook.js';
import type { AlertsOptions, CacheAlertOptions } from './alerts.options.js';
import { resolveWebhook } from './resolve-webhook.js';

/** What the module's options say of alerts. */
export interface ResolvedAlerts extends AlertSettings {
  readonly webhook: WebhookSettings | undefined;
}

const FIELDS = [
  'interval',
  'window',
  'minSample',
  'hitRate',
  'latency',
  'errors',
  'disconnected',
  'caches',
  'webhook',
] satisfies (keyof AlertsOptions)[];

const CACHE_FIELDS = [
  'minSample',
  'hitRate',
  'latency',
  'errors',
] satisfies (keyof CacheAlertOptions)[];

const MEASURED: readonly MeasuredKind[] = ['hitRate', 'latency', 'errors'];

const WINDOWS: readonly unknown[] = ['1m', '5m', '15m'];

/** @throws {InvalidCacheOptionsError} naming option, received value, expectation and remedy */
export function resolveAlerts(options: AlertsOptions | false = {}): ResolvedAlerts | undefined {
  if (options === false) return undefined;
  knownFields(options, 'alerts', FIELDS);
  const { interval = ALERT_DEFAULTS.interval, window = ALERT_DEFAULTS.window } = options;
  const { caches = {}, webhook = false } = options;
  if (!WINDOWS.includes(window)) {
    throw new InvalidCacheOptionsError(
      'alerts.window',
      window,
      `'1m', '5m' or '15m'`,
      `Those are the spans that statistics are kept for.`,
    );
  }
  const minSample = sampleOf(options, 'alerts', ALERT_DEFAULTS.minSample);
  const ofAll = MEASURED.flatMap((kind) => {
    const said = options[kind] ?? {};
    return said === false ? [] : [ruleOf(kind, said, `alerts.${kind}`, undefined, minSample)];
  });
  knownFields(caches, 'alerts.caches', Object.keys(caches));
  const ofCaches = Object.entries(caches).flatMap(([cache, said]) =>
    rulesOfCache(cache, said, minSample),
  );
  return {
    intervalMs: positiveMs(interval, 'alerts.interval'),
    window,
    rules: [...disconnectedRules(options.disconnected), ...ofAll, ...ofCaches],
    webhook: resolveWebhook(webhook),
  };
}

function rulesOfCache(cache: string, said: CacheAlertOptions, fallback: number): MeasuredRule[] {
  const place = `alerts.caches['${cache}']`;
  knownFields(said, place, CACHE_FIELDS);
  const minSample = sampleOf(said, place, fallback);
  return MEASURED.flatMap((kind) => {
    const { [kind]: threshold } = said;
    if (threshold === undefined) return [];
    return [ruleOf(kind, threshold, `${place}.${kind}`, cache, minSample)];
  });
}

function sampleOf({ minSample }: { minSample?: number }, place: string, fallback: number): number {
  return wholeNumber(minSample ?? fallback, `${place}.minSample`, 1);
}

function disconnectedRules(said: AlertsOptions['disconnected'] = {}): AlertRule[] {
  if (said === false) return [];
  const place = 'alerts.disconnected';
  knownFields(said, place, ['after', 'clear']);
  const { after, clear } = { ...ALERT_DEFAULTS.disconnected, ...given(said) };
  const afterMs = durationMs(after, `${place}.after`);
  const clearMs = durationMs(clear, `${place}.clear`);
  return [{ kind: 'disconnected', cache: undefined, afterMs, clearMs }];
}

/** A level is a share, and of latencies a time; `clear` is a tenth better unless it is said. */
function ruleOf(
  kind: MeasuredKind,
  said: object,
  place: string,
  cache: string | undefined,
  minSample: number,
): MeasuredRule {
  const field = kind === 'hitRate' ? 'below' : 'above';
  knownFields(said, place, [field, 'clear']);
  const levels: Partial<Record<string, Duration>> = { ...ALERT_DEFAULTS[kind], ...given(said) };
  const level = (name: string, value: Duration | undefined): number =>
    kind === 'latency'
      ? durationMs(value as Duration, `${place}.${name}`)
      : fraction(value, `${place}.${name}`);
  const raise = level(field, levels[field]);
  const clear =
    levels.clear === undefined ? tenthBetter(kind, raise) : level('clear', levels.clear);
  if (kind === 'hitRate' ? clear < raise : clear > raise) {
    throw new InvalidCacheOptionsError(
      `${place}.clear`,
      levels.clear,
      `a level that is no worse than ${field}`,
      `An alert is raised at one level and resolved at a better one, or it would come and go.`,
    );
  }
  return { kind, cache, raise, clear, minSample };
}

function tenthBetter(kind: MeasuredKind, raise: number): number {
  return kind === 'hitRate' ? Math.min(1, raise * 1.1) : raise * 0.9;
}

/** What is spelled out as undefined means its default. */
function given<T extends object>(said: T): Partial<T> {
  const entries = Object.entries(said).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}
