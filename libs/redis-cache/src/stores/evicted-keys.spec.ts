import { EvictedKeys, hashOf } from './evicted-keys.js';

function hashesOf(count: number, prefix = 'key'): number[] {
  return Array.from({ length: count }, (_, index) => hashOf(`${prefix}-${index}`));
}

function knownOf(keys: EvictedKeys, hashes: readonly number[]): number {
  return hashes.filter((hash) => keys.take(hash)).length;
}

describe('EvictedKeys', () => {
  it('knows a key until it is taken', () => {
    const keys = new EvictedKeys();
    const [one, other] = hashesOf(2) as [number, number];
    keys.add(one, 8);
    expect([keys.take(other), keys.take(one), keys.take(one)]).toEqual([false, true, false]);
  });

  it('knows nothing before, and nothing after it was cleared', () => {
    const keys = new EvictedKeys();
    const [hash] = hashesOf(1) as [number];
    expect(keys.take(hash)).toBe(false);
    keys.add(hash, 8);
    keys.clear();
    expect(keys.take(hash)).toBe(false);
  });

  it('knows more than half of as many as it was told to know', () => {
    const keys = new EvictedKeys();
    const hashes = hashesOf(1_000);
    for (const hash of hashes) keys.add(hash, 1_000);
    expect(knownOf(keys, hashes)).toBeGreaterThan(500);
  });

  it('does not grow with the keys that it is told of', () => {
    const keys = new EvictedKeys();
    const many = hashesOf(20_000);
    for (const hash of many) keys.add(hash, 1_000);
    expect(knownOf(keys, many)).toBeLessThanOrEqual(1_024);
  });

  it('forgets those of long ago', () => {
    const keys = new EvictedKeys();
    const old = hashesOf(1_000, 'old');
    for (const hash of old) keys.add(hash, 1_000);
    for (const hash of hashesOf(10_000, 'new')) keys.add(hash, 1_000);
    expect(knownOf(keys, old)).toBeLessThan(10);
  });

  it('takes hardly ever a key for another one', () => {
    const keys = new EvictedKeys();
    for (const hash of hashesOf(50_000, 'lead')) keys.add(hash, 50_000);
    expect(knownOf(keys, hashesOf(50_000, 'other'))).toBeLessThan(10);
  });

  it('knows a key wherever its text is parted', () => {
    expect(hashOf('42', hashOf('crm:{acme/lead@1/'))).toBe(hashOf('crm:{acme/lead@1/42'));
    expect(hashOf('')).not.toBe(0);
  });
});
