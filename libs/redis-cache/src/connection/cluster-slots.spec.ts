import { FakeRedisClient } from '../../../../test/support/fake-redis-client.js';
import { keyServedAt, ownerOf, slotOf } from './cluster-slots.js';
import type { RedisClientLike } from './redis-client.interface.js';

describe('slotOf', () => {
  // As CLUSTER KEYSLOT of Redis 7.0.15 answers.
  it.each([
    ['123456789', 12_739],
    ['', 0],
    ['{cache}:bus', 9_427],
    ['{cache}:bus:me', 9_427],
    ['cache', 9_427],
    ['a{}b{c}', 7_353],
    ['a{b', 13_340],
    ['{{b}}', 6_215],
    ['{é}', 10_180],
  ])('of %p is that of the server', (key, slot) => {
    expect(slotOf(key)).toBe(slot);
  });
});

describe('ownerOf', () => {
  const node = (port: number) => new FakeRedisClient('ready', false, { host: '127.0.0.1', port });
  const cluster = (owner: string | undefined): RedisClientLike =>
    Object.assign(new FakeRedisClient('ready', true), {
      nodes: () => [node(7001), node(7002)],
      slots: owner === undefined ? [] : Object.assign([], { 9427: [owner, '127.0.0.1:7003'] }),
    });

  it('is the master of the slot', () => {
    expect(ownerOf(cluster('127.0.0.1:7002'), '{cache}:bus')?.options).toMatchObject({
      port: 7002,
    });
  });

  it.each([undefined, '127.0.0.1:7009'])('is nobody while it is not known: %p', (owner) => {
    expect(ownerOf(cluster(owner), '{cache}:bus')).toBeUndefined();
  });
});

describe('keyServedAt', () => {
  const client = (slots: string[][]): RedisClientLike =>
    Object.assign(new FakeRedisClient('ready', true), { nodes: () => [], slots });
  const keyOf = (number: number): string => `c:{#${number}}:probe`;

  it('is a key of a master, even of one that serves a single slot', () => {
    const slots = Array.from({ length: 16_384 }, () => ['127.0.0.1:7001']);
    const last = slots.length - 1;
    slots[last] = ['127.0.0.1:7002', '127.0.0.1:7001'];
    const [many, single] = ['127.0.0.1:7001', '127.0.0.1:7002'].map((address) =>
      keyServedAt(client(slots), address, keyOf),
    );
    expect(many).toBe('c:{#0}:probe');
    expect(slotOf(String(single))).toBe(last);
  });

  it('is none of one that serves no slot', () => {
    const slots: string[][] = [];
    slots[7] = ['127.0.0.1:7001', '127.0.0.1:7002'];
    expect(keyServedAt(client(slots), '127.0.0.1:7002', keyOf)).toBeUndefined();
  });
});
