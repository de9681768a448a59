import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';
import { SharedMemory } from '../../../../test/support/memory-far.store.js';
import type { CachePolicy } from '../config/cache-policy.js';
import type { BusMessage } from '../invalidation/bus-message.js';
import type { HeardInvalidation } from '../invalidation/coherence.js';

const POLICY: CachePolicy = { ttl: '10s', near: { ttl: '2s' } };

/** Two processes on one far store and one clock; what A tells arrives at B when the test says so. */
class Pair {
  private readonly memory = new SharedMemory();
  private readonly waiting: { message: BusMessage; arrive: () => void }[] = [];
  readonly a = new EngineHarness({ memory: this.memory });
  readonly b = new EngineHarness({
    memory: this.memory,
    clock: this.a.clock,
    tell: (message, arrive) => this.waiting.push({ message, arrive }),
  });

  /** What waits arrives, but for messages of another kind. @returns what did */
  deliver(kind: BusMessage['kind'] = 'entry'): BusMessage[] {
    const arriving = this.waiting.filter(({ message }) => message.kind === kind);
    for (const { arrive } of arriving) arrive();
    this.waiting.length = 0;
    return arriving.map(({ message }) => message);
  }

  /** B has the entry of a value, and has asked for nothing since. */
  async keep(value: unknown, policy = POLICY): Promise<void> {
    await this.read(this.b, value, policy);
    this.b.far.sent.length = 0;
  }

  async set(h: EngineHarness, value: unknown, policy = POLICY): Promise<void> {
    await h.engine.set(
      h.request(() => value, policy),
      value,
    );
  }

  async read(h: EngineHarness, value: unknown, policy = POLICY): Promise<unknown> {
    const { ref, policy: resolved, ...request } = h.request(() => value, policy);
    const hit = h.engine.nearHit(ref.scope, ref.key, resolved);
    return hit ?? h.engine.getOrLoad({ ref, policy: resolved, ...request });
  }
}

describe('CacheEngine: what another process tells that it has stored', () => {
  let pair: Pair;
  const read = (value: unknown = 'loaded', policy = POLICY) => pair.read(pair.b, value, policy);

  beforeEach(() => {
    pair = new Pair();
  });

  it('takes the place of the entry before, without a question to Redis', async () => {
    const { a, b } = pair;
    await pair.keep({ n: 1 });
    await pair.set(a, { n: 2 });
    expect(pair.deliver()).toEqual([expect.objectContaining({ successor: expect.anything() })]);
    expect(b.near.entries).toBe(1);
    expect([await read(), await read()]).toEqual([{ n: 2 }, { n: 2 }]);
    expect(b.far.sent).toEqual([]);
    expect(b.counters).toMatchObject({ nearHits: 2, farHits: 0, remoteEvictions: 1 });
  });

  it('is found by get, exists and the like as well', async () => {
    const { a, b } = pair;
    await pair.keep('old');
    await pair.set(a, 'new');
    pair.deliver();
    const { ref, policy } = b.request(() => 'loaded', POLICY);
    expect(await b.engine.get(ref, policy)).toEqual({
      kind: 'hit',
      value: 'new',
      ttlLeftMs: 10_000,
    });
    expect(b.far.sent).toEqual([]);
  });

  it('is told by puts as well, one after the other', async () => {
    const { a, b } = pair;
    await pair.keep('0');
    for (const value of ['1', '2', '3']) await a.engine.put(a.request(() => value, POLICY));
    pair.deliver();
    expect(await read()).toBe('3');
    expect(b.far.sent).toEqual([]);
  });

  it('gives each reader a copy, or with share all of them one frozen value', async () => {
    const { a } = pair;
    await pair.keep({ tags: ['old'] });
    await pair.set(a, { tags: ['new'] });
    pair.deliver();
    const first = (await read()) as { tags: string[] };
    first.tags.push('changed');
    expect(await read()).toEqual({ tags: ['new'] });

    const shared: CachePolicy = { ...POLICY, near: { ttl: '2s', share: true } };
    await pair.set(a, { tags: ['newer'] });
    pair.deliver();
    const [one, two] = [await read(0, shared), await read(0, shared)];
    expect(one).toBe(two);
    expect(one).toEqual({ tags: ['newer'] });
    expect(Object.isFrozen(one)).toBe(true);
  });

  it('is not kept by who did not have the entry before', async () => {
    const { a, b } = pair;
    await pair.keep('old');
    b.near.clear();
    await pair.set(a, 'new');
    pair.deliver();
    expect(b.near.entries).toBe(0);
  });

  it('is told by its name alone where nobody keeps entries of the cache', async () => {
    const { a } = pair;
    await pair.keep('old');
    await pair.set(a, 'new', { near: false });
    await a.engine.put(a.request(() => 'newer', { near: false }));
    for (const message of pair.deliver()) expect(message).not.toHaveProperty('successor');
    expect(await read()).toBe('newer');
  });

  it('does not take the place of another entry, be it a later one', async () => {
    const { a, b } = pair;
    await pair.keep('old');
    await pair.set(a, 'first'); // and its message is late
    await pair.set(b, 'second');
    expect(pair.deliver()).toHaveLength(1);
    expect(b.near.entries).toBe(0);
    expect(await read()).toBe('second');
  });

  it('is not mixed up with the entry before where their marks agree', async () => {
    const { a, b } = pair;
    const same = jest.spyOn(Math, 'random').mockReturnValue(0.5);
    await pair.keep('old');
    await pair.set(a, 'new'); // within the same millisecond
    same.mockRestore();
    pair.deliver();
    expect(b.near.entries).toBe(0);
    expect(await read()).toBe('new');
  });

  it('is let go of where it is of another format, also by who has no marks', () => {
    const { a, b } = pair;
    const apart = new EngineHarness({ memory: a.far.memory, clock: a.clock, usesFar: false });
    const successor = { after: 0, text: '' };
    const message: HeardInvalidation = { kind: 'entry', key: b.ref().redisKey, successor };
    return Promise.all(
      [b, apart].map(async (h) => {
        await pair.read(h, 'old');
        expect(h.near.entries).toBe(1);
        h.receiver.apply(message);
        expect(h.near.entries).toBe(0);
      }),
    );
  });

  it('is no use of the entry, which is pushed out like any other that nobody asks for', async () => {
    const { a, b } = pair;
    const others = Array.from({ length: 1_000 }, (_, i) => `other-${String(i)}`);
    await pair.keep('old');
    for (const [i, key] of others.entries()) {
      await b.engine.getOrLoad({ ...b.request(() => key, POLICY), ref: b.ref(key) });
      if (i % 100 > 0) continue;
      await pair.set(a, i);
      pair.deliver();
    }
    expect(b.near.peek(b.ref().scope, 'k')).toBeUndefined();
    expect(b.near.entries).toBe(1_000);
  });

  it('is no reason to keep what is under a stamp that has changed', async () => {
    const { a, b } = pair;
    await pair.keep('old');
    b.receiver.applyTracked('stamp', b.keys.tenantStamp('acme'));
    await pair.set(a, 'new');
    pair.deliver();
    expect(b.near.entries).toBe(0);
  });

  it('leaves the entry if that is what was stored, read before it was told', async () => {
    const { a, b } = pair;
    await pair.keep('old');
    await pair.set(a, 'new');
    b.near.clear();
    expect(await read()).toBe('new');
    b.far.sent.length = 0;
    pair.deliver();
    expect(await read()).toBe('new');
    expect(b.far.sent).toEqual([]);
  });

  it('is let go as any entry: by an eviction, a stamp, a pattern, a gap', async () => {
    const { a, b } = pair;
    const ends: (() => unknown)[] = [
      () => a.engine.evict(a.ref()).then(() => pair.deliver()),
      () => a.engine.renewStamp(a.invalidations.tenant('acme')).then(() => pair.deliver('stamp')),
      () => b.engine.evict(b.ref()),
      () => b.engine.renewStamp(b.invalidations.cache('acme', 'lead', 1)),
      () => b.engine.evictPattern('acme', 'lead/*'),
      () => b.receiver.forgetEverything(),
    ];
    for (const end of ends) {
      await b.engine.evict(b.ref());
      await read('old');
      await pair.set(a, 'new');
      pair.deliver();
      expect(b.near.entries).toBe(1);
      await end();
      b.far.sent.length = 0;
      await read();
      expect(b.far.sent).toContain('get');
    }
  });

  it('is asked for in Redis where it does not hold under the stamps of now', async () => {
    const { a, b } = pair;
    // A has not heard that the tenant was invalidated, and stores under what it knows.
    await pair.set(a, 'before');
    a.loseBus();
    a.coherence.trusted = true;
    a.coherence.hearsOthers = true;
    await b.engine.renewStamp(b.invalidations.tenant('acme'));
    pair.deliver();
    await pair.keep('old');
    await pair.set(a, 'outdated');
    pair.deliver();
    expect(b.near.entries).toBe(1);
    expect(await read('newest')).toBe('newest');
  });

  it('lives in the process for near.ttl from when it was told', async () => {
    const { a, b } = pair;
    await pair.keep('old');
    await a.clock.advance(1_500);
    await pair.set(a, 'new');
    pair.deliver();
    await a.clock.advance(1_900); // the one before would have ended
    expect(await read()).toBe('new');
    expect(b.far.sent).toEqual([]);
    await a.clock.advance(101); // counted from when it was told, not from when it was asked for
    expect(await read()).toBe('new');
    expect(b.far.sent).toEqual(['get']);
  });

  it('ends with its ttl, though nobody has asked for it', async () => {
    const { a, b } = pair;
    const brief: CachePolicy = { ttl: '100ms', near: { ttl: '2s' } };
    await pair.keep('old', brief);
    await pair.set(a, 'new', brief);
    pair.deliver();
    await a.clock.advance(100);
    expect(await read('loaded', brief)).toBe('loaded');
    expect(b.counters.nearHits).toBe(0);
  });

  it('is refreshed ahead of its end', async () => {
    const { a, b } = pair;
    const policy: CachePolicy = { ...POLICY, near: { ttl: '20s' }, refreshAhead: 0.5 };
    await pair.keep('old', policy);
    await pair.set(a, 'new', policy);
    pair.deliver();
    await a.clock.advance(6_000);
    expect(await read('newer', policy)).toBe('new');
    await a.clock.advance(0);
    expect(b.counters.refreshes).toBe(1);
    expect(await read('newest', policy)).toBe('newer');
  });

  it('does not bring back what a write of this process is about to replace', async () => {
    const { a, b } = pair;
    await pair.keep('old');
    const gate = new Gate();
    b.far.holdAfter('store', gate);
    const setting = pair.set(b, 'own');
    await gate.reached;
    await pair.set(a, 'later');
    pair.deliver();
    gate.open();
    await setting;
    expect(b.near.entries).toBe(0);
    expect(await read()).toBe('later');
  });

  it('is explained as what a read would find', async () => {
    const { a, b } = pair;
    const policy: CachePolicy = { ...POLICY, refreshAhead: 0.1 };
    await pair.keep('old', policy);
    await pair.set(a, 'new', policy);
    pair.deliver();
    await a.clock.advance(1_200);
    const request = b.request(() => 0, policy);
    const explain = () => b.engine.explain(request.ref, request.policy);
    const told = await explain();
    expect(told.near).toMatchObject({
      kind: 'entry',
      state: 'fresh',
      ageMs: 1_200,
      ttlLeftMs: 800,
      graceLeftMs: 0,
      refreshDue: true,
    });
    expect(told.outlook).toMatchObject({ kind: 'hit', tier: 'near' });
    expect(b.near.peek(request.ref.scope, 'k')?.entry.told).toEqual(expect.any(String));
    b.coherence.trusted = false;
    b.coherence.hearsOthers = false;
    expect((await explain()).near).toMatchObject({ kind: 'entry', state: 'untrusted' });
    b.coherence.trusted = true;
    b.coherence.hearsOthers = true;
    await b.engine.renewStamp(b.invalidations.tenant('acme'));
    expect((await explain()).near).toMatchObject({ kind: 'entry', state: 'outdated' });
  });

  it('is explained by its own stamps, and as outdated where a read would find it so', async () => {
    const { a, b } = pair;
    const tagged = (h: EngineHarness, tag: string) => ({
      ...h.request(() => 'v', POLICY),
      tags: [tag],
    });
    await b.engine.getOrLoad(tagged(b, 'old'));
    await a.engine.set(tagged(a, 'new'), 'v');
    pair.deliver();
    const explain = async () => {
      const { ref, policy } = tagged(b, 'new');
      return (await b.engine.explain(ref, policy)).near;
    };
    // Nobody here knows the stamp of its tag yet, so Redis would be asked.
    expect(await explain()).toMatchObject({ kind: 'entry', state: 'outdated' });
    await b.engine.getOrLoad({ ...tagged(b, 'new'), ref: b.ref('other') });
    const near = await explain();
    expect(near).toMatchObject({ kind: 'entry', state: 'fresh' });
    const tags = near.kind === 'entry' ? near.stamps.flatMap(({ tag }) => tag ?? []) : [];
    expect(tags).toEqual(['new']);
    await b.engine.renewStamp(b.invalidations.tag('acme', 'old'));
    expect(await explain()).toMatchObject({ kind: 'entry', state: 'outdated' });
  });
});
