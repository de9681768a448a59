import type { ConfigService } from '@nestjs/config';
import type { RolloutPolicy } from 'nestjs-redis-cache';
import type { Environment } from '../config/environment.js';

/** For whom histories of messages are cached, until an operator says something else. */
export function historyRolloutOf(config: ConfigService<Environment, true>): RolloutPolicy {
  const tenants = config.get('CACHE_HISTORY_TENANTS', { infer: true }).split(',');
  return {
    mode: config.get('CACHE_HISTORY_MODE', { infer: true }),
    percent: config.get('CACHE_HISTORY_PERCENT', { infer: true }),
    tenants: tenants.map((tenant) => tenant.trim()).filter((tenant) => tenant !== ''),
  };
}
