import type { CacheEvents } from '../cache/cache-events.js';
import { KeySpace } from '../keys/key-space.js';
import type { AdminEvent } from './admin.contract.js';
import { TELL } from './tell-event.js';

const keys = new KeySpace('crm');
const secret = new TypeError('password is secret');
const entry = {
  tenant: 'acme',
  cache: 'lead',
  version: 1,
  key: 'k',
  redisKey: keys.entry('acme', 'lead', 1, 'k'),
};
const ofEntry = { tenant: 'acme', cache: 'lead', key: 'k' };
const suspended = { kind: 'suspended', sinceMs: 0, reason: 'connect ECONNREFUSED' } as const;
const ready = { kind: 'ready', sinceMs: 0 } as const;

const warmed = {
  warmer: 'leads',
  state: 'warmed',
  done: 3,
  failed: 0,
  total: 3,
  error: undefined,
  durationMs: 5,
} as const;
const raised = {
  id: '1',
  kind: 'hitRate',
  cache: 'lead',
  value: 0.4,
  threshold: 0.5,
  sinceMs: 0,
  state: 'raised',
  atMs: 0,
} as const;

type Case = {
  [E in AdminEvent['type']]: [E, CacheEvents[E], Partial<AdminEvent>];
}[AdminEvent['type']];

const CASES: Case[] = [
  [
    'rollout',
    {
      cache: 'lead',
      from: { mode: 'off' },
      to: { mode: 'on', percent: 5, tenants: ['secret'] },
      version: 2,
      by: 'other',
    },
    { severity: 'info', cache: 'lead' },
  ],
  ['loadError', { entry, durationMs: 1, error: secret }, { severity: 'warning', ...ofEntry }],
  ['stale', { entry, reason: 'failed' }, { severity: 'info', ...ofEntry }],
  ['fillRefused', { entry }, { severity: 'info', ...ofEntry }],
  ['evict', { entry, acknowledged: true }, { severity: 'info', ...ofEntry }],
  ['evict', { entry, acknowledged: false }, { severity: 'warning', ...ofEntry }],
  [
    'invalidate',
    { level: 'cache', tenant: 'acme', key: keys.cacheStamp('acme', 'lead', 1), acknowledged: true },
    { severity: 'info', tenant: 'acme', cache: 'lead' },
  ],
  [
    'invalidate',
    { level: 'pattern', tenant: 'acme', key: keys.pattern('acme', '*').name, acknowledged: false },
    { severity: 'warning', tenant: 'acme' },
  ],
  [
    'invalidate',
    { level: 'tenant', tenant: null, key: keys.tenantStamp(null), acknowledged: true },
    { severity: 'info', tenant: null },
  ],
  [
    'invalidate',
    { level: 'all', tenant: null, key: keys.globalStamp(), acknowledged: true },
    { severity: 'info' },
  ],
  [
    'purgeProgress',
    { tenant: 'acme', step: 'rest', node: 1, nodes: 1, scanned: 5, deleted: 3 },
    { severity: 'info', tenant: 'acme' },
  ],
  ['warming', { ...warmed, state: 'running', done: 0 }, { severity: 'info' }],
  ['warming', warmed, { severity: 'info' }],
  ['warming', { ...warmed, failed: 1, error: secret }, { severity: 'warning' }],
  ['warming', { ...warmed, state: 'failed', error: secret }, { severity: 'warning' }],
  ['remoteInvalidation', { kind: 'entry', key: entry.redisKey }, { severity: 'info', ...ofEntry }],
  [
    'remoteInvalidation',
    { kind: 'stamp', key: keys.tagStamp(null, 't') },
    { severity: 'info', tenant: null },
  ],
  ['remoteInvalidation', { kind: 'stamp', key: keys.globalStamp() }, { severity: 'info' }],
  ['remoteInvalidation', { kind: 'pattern', key: 'no key of ours' }, { severity: 'info' }],
  [
    'remoteInvalidation',
    { kind: 'entry', key: keys.entry('x'.repeat(300), 'lead', 1, 'k') },
    { severity: 'info', cache: 'lead', key: 'k' },
  ],
  ['trackedChange', { kind: 'entry', key: entry.redisKey }, { severity: 'info', ...ofEntry }],
  ['malformedMessage', { text: 'secret' }, { severity: 'warning' }],
  [
    'uncacheable',
    { entry, kind: 'inexact', reason: 'a function' },
    { severity: 'warning', ...ofEntry },
  ],
  ['undecodable', { entry, reason: 'not ours' }, { severity: 'warning', ...ofEntry }],
  ['policyError', { cache: 'lead', error: secret }, { severity: 'error', cache: 'lead' }],
  ['transactionError', { error: 'secret' }, { severity: 'error' }],
  ['farError', { operation: 'get', error: new Error('ERR no') }, { severity: 'warning' }],
  ['persistenceError', { operation: 'look', error: secret }, { severity: 'warning' }],
  ['persistence', { available: false }, { severity: 'error' }],
  ['persistence', { available: true }, { severity: 'info' }],
  ['backgroundError', { task: 'refresh', error: secret }, { severity: 'warning' }],
  ['alert', raised, { severity: 'error', cache: 'lead' }],
  ['alert', { ...raised, cache: undefined, state: 'resolved' }, { severity: 'info' }],
  ['state', { from: ready, to: suspended }, { severity: 'error' }],
  ['state', { from: suspended, to: ready }, { severity: 'info' }],
];

describe('an event in words', () => {
  it.each(CASES)('is, of %s %j, %j', (type, payload, expected) => {
    const told = TELL[type](payload as never, keys);
    expect(told).toEqual({ ...expected, summary: expect.any(String) });
    expect(told?.summary).toMatch(/^[A-Z].{10,}[^.]$/);
    expect(told?.summary).not.toContain('secret');
  });

  it('is there for every kind', () => {
    expect(new Set(CASES.map(([type]) => type))).toEqual(new Set(Object.keys(TELL)));
  });

  it('is left out of a warmer that only comes further', () => {
    expect(TELL.warming({ ...warmed, state: 'running' }, keys)).toBeUndefined();
  });

  it('says why Redis is away, without the secrets of a URL', () => {
    const error = new Error('no redis://user:secret@host');
    expect(TELL.farError({ operation: 'get', error }, keys)?.summary).toBe(
      'Redis failed or refused get: no redis://user:***@host',
    );
    expect(TELL.state({ from: ready, to: suspended }, keys)?.summary).toBe(
      'The connection went from ready to suspended: connect ECONNREFUSED',
    );
  });
});
