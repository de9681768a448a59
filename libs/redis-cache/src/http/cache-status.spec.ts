import { parseList } from '../../../../test/support/structured-field.js';
import type { Answered } from '../cache/call-log.js';
import { InvalidCacheOptionsError } from '../errors/invalid-options.error.js';
import { cacheIdentifier, cacheStatus, xCacheStatus } from './cache-status.js';

const CASES: [Answered, string, string][] = [
  [{ status: 'hit', tier: 'near' }, 'HIT', 'crm; hit; detail=near'],
  [{ status: 'hit', tier: 'far' }, 'HIT', 'crm; hit; detail=far'],
  [{ status: 'stale', expiredForMs: 0 }, 'STALE', 'crm; hit; ttl=-1'],
  [{ status: 'stale', expiredForMs: 2_500 }, 'STALE', 'crm; hit; ttl=-2'],
  [{ status: 'miss', reason: 'absent', collapsed: false }, 'MISS', 'crm; fwd=miss; detail=absent'],
  [
    { status: 'miss', reason: 'outdated', collapsed: true },
    'MISS',
    'crm; fwd=stale; collapsed; detail=outdated',
  ],
  [
    { status: 'miss', reason: 'expired', collapsed: false },
    'MISS',
    'crm; fwd=stale; detail=expired',
  ],
  [{ status: 'miss', reason: undefined, collapsed: false }, 'MISS', 'crm; fwd=miss'],
  [{ status: 'bypass', reason: 'condition' }, 'BYPASS', 'crm; fwd=bypass; detail=condition'],
];

describe('the headers that say how the cache answered', () => {
  it.each(CASES)('are for %j: %s and %s', (answered, short, member) => {
    expect(xCacheStatus(answered)).toBe(short);
    expect(cacheStatus('crm', answered)).toBe(member);
    expect(parseList(member)).toMatchObject([{ value: { token: 'crm' } }]);
  });

  it.each([
    ['crm', { token: 'crm' }],
    ['crm.example:8080/x', { token: 'crm.example:8080/x' }],
    ['*', { token: '*' }],
    ['9lives', { string: '9lives' }],
    ['two words', { string: 'two words' }],
    ['a "quoted" \\ name', { string: 'a "quoted" \\ name' }],
    ['a,b;c=d', { string: 'a,b;c=d' }],
  ])('name the cache %j so that it is read as such', (name, value) => {
    expect(parseList(`${cacheIdentifier(name)}; hit`)).toEqual([
      { value, parameters: { hit: { boolean: true } } },
    ]);
  });

  it.each(['', 'größe', 'a\nb', 'a\r\nSet-Cookie: x', '\u007f', undefined])(
    'refuse the name %j',
    (name) => {
      expect(() => cacheIdentifier(name as string)).toThrow(InvalidCacheOptionsError);
    },
  );
});
