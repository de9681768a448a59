import type { CachePolicy } from 'nestjs-redis-cache';

/**
 * Every cache of the app, and how long its entries live. What is evicted by whom stands with the
 * method that makes it stale.
 */
export const CACHE_POLICIES = {
  // Asked before the tenant is known, hence global. Hot and never changed: one frozen object serves all.
  'organization.byPhone': { ttl: '30m', grace: '1h', scope: 'global', near: { share: true } },
  'organization.byId': { ttl: '30m' },

  // How long a process may go on accepting a key that another process has replaced.
  'apiKey.organization': { ttl: '1m', scope: 'global', near: { ttl: '1s' } },

  // Their ttl depends on whether there is such a lead: see LeadsService.
  'lead.byPhone': { jitter: 0.1 },
  'lead.byId': { jitter: 0.1 },
  'lead.idByPhone': { jitter: 0.1 },
  'lead.phoneById': { jitter: 0.1 },

  'conversation.context': { ttl: '10m' },
  // Kept in the database too, so that a Redis that starts empty does not have all of them written anew.
  'conversation.summary': { ttl: '20m', grace: '20m', persist: { ttl: '7d' } },
  'conversation.greeting': { ttl: '5m', refreshAhead: 0.8 },
  // A page of messages is several kilobytes of text.
  'conversation.history': { ttl: '10m', compressFromBytes: 2_048 },

  'call.byId': { ttl: '1h' },
  'humanControl.byConversation': { ttl: '5m' },
} satisfies Record<string, CachePolicy>;
