import { ALERT_DEFAULTS } from '../config/defaults.js';
import { positiveMs } from '../config/duration.js';
import { UNSEEN, knownFields, wholeNumber } from '../config/option-checks.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import type { WebhookSettings } from './alert-webhook.js';
import type { AlertWebhookOptions } from './alerts.options.js';

const FIELDS = [
  'url',
  'secret',
  'headers',
  'timeout',
  'attempts',
  'retry',
  'maxQueued',
] satisfies (keyof AlertWebhookOptions)[];

const SHORTEST_SECRET = 16;

/** @throws {InvalidCacheOptionsError} with no URL, secret or header in it */
export function resolveWebhook(options: AlertWebhookOptions | false): WebhookSettings | undefined {
  if (options === false) return undefined;
  const place = 'alerts.webhook';
  knownFields(options, place, FIELDS);
  const { webhook: defaults } = ALERT_DEFAULTS;
  const { timeout = defaults.timeout, attempts = defaults.attempts } = options;
  const { retry = defaults.retry, maxQueued = defaults.maxQueued, headers = {} } = options;
  return {
    url: urlOf(options.url),
    secret: secretOf(options.secret),
    headers: headersOf(headers),
    timeoutMs: positiveMs(timeout, `${place}.timeout`),
    attempts: wholeNumber(attempts, `${place}.attempts`, 1),
    retryMs: positiveMs(retry, `${place}.retry`),
    maxQueued: wholeNumber(maxQueued, `${place}.maxQueued`, 1),
  };
}

function urlOf(value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url && isHttp && url.username === '' && url.password === '') return url.href;
  throw new InvalidCacheOptionsError(
    'alerts.webhook.url',
    shown(value),
    'a URL of https: or http: without user and password',
    `Give credentials as headers: { authorization: '…' }.`,
  );
}

function secretOf(value: unknown): string {
  if (typeof value === 'string' && value.length >= SHORTEST_SECRET) return value;
  throw new InvalidCacheOptionsError(
    'alerts.webhook.secret',
    shown(value),
    `a text of ${SHORTEST_SECRET} characters or more`,
    `Make one for instance by: openssl rand -hex 32.`,
  );
}

function headersOf(value: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  knownFields(value, 'alerts.webhook.headers', Object.keys(value));
  try {
    // What cannot be sent is found out now, and not by the first alert.
    return Object.fromEntries(new Headers(value).entries());
  } catch {
    throw new InvalidCacheOptionsError(
      'alerts.webhook.headers',
      UNSEEN,
      'names and values that HTTP allows',
      `Look for line breaks and letters outside of Latin-1.`,
    );
  }
}

function shown(value: unknown): unknown {
  return typeof value === 'string' ? UNSEEN : value;
}
