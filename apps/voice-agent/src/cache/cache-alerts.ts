import type { ConfigService } from '@nestjs/config';
import type { AlertsOptions, Duration } from 'nestjs-redis-cache';
import type { Environment } from '../config/environment.js';
import { CACHE_ALERTS_PATH } from '../webhooks/cache-alerts.controller.js';

/** What is told of the caches, and to whom: without a URL to the app itself, which logs it. */
export function alertsOf(config: ConfigService<Environment, true>): AlertsOptions | false {
  if (!config.get('ALERTS_ENABLED', { infer: true })) return false;
  const url = config.get('ALERT_WEBHOOK_URL', { infer: true }) ?? ownUrl(config);
  const secret = config.get('ALERT_WEBHOOK_SECRET', { infer: true });
  const after = config.get('ALERT_DISCONNECTED_AFTER', { infer: true }) as Duration;
  return { disconnected: { after }, webhook: url !== undefined && { url, secret } };
}

/** Undefined where any free port is taken, which nobody knows yet. */
function ownUrl(config: ConfigService<Environment, true>): string | undefined {
  const port = config.get('PORT', { infer: true });
  return port === 0 ? undefined : `http://127.0.0.1:${port}/${CACHE_ALERTS_PATH}`;
}
