import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';
import { SharedMemory } from '../../../../test/support/memory-far.store.js';

/** Two processes on one far store, one clock and one bus. */
function twoProcesses() {
  const memory = new SharedMemory();
  const a = new EngineHarness({ memory });
  return { a, b: new EngineHarness({ memory, clock: a.clock }) };
}

/** What the server says where it only names what has changed, whoever has changed it. */
function tellOfEntry(h: EngineHarness, ref = h.ref()): void {
  h.receiver.applyTracked('entry', ref.redisKey);
}

function tellOfStamp(h: EngineHarness, key = h.keys.tenantStamp('acme')): void {
  h.receiver.applyTracked('stamp', key);
}

const read = (h: EngineHarness, value: unknown) => h.engine.getOrLoad(h.request(() => value));

describe('CacheEngine: what it hears while a reply is on its way', () => {
  it('an entry that was read before it changed is answered, and not kept', async () => {
    const { a, b } = twoProcesses();
    await read(b, 'old');
    const gate = new Gate();
    a.far.holdAfter('get', gate);
    const reading = read(a, 'unused');
    await gate.reached;
    tellOfEntry(a);
    gate.open();
    expect(await reading).toBe('old');
    expect(a.near.entries).toBe(0);
  });

  it('an entry that was read before a gap is not kept, whatever was missed in it', async () => {
    const { a, b } = twoProcesses();
    await read(b, 'old');
    a.loseBus();
    const [entry, stamps] = [new Gate(), new Gate()];
    a.far.holdAfter('get', entry);
    a.far.holdAfter('stamp', stamps);
    const reading = read(a, 'unused');
    await Promise.all([entry.reached, stamps.reached]);
    await b.engine.evict(b.ref());
    a.regainBus();
    entry.open();
    stamps.open();
    await reading;
    expect(await read(a, 'new')).toBe('new');
  });

  it('a written value stays in Redis when the server tells of the write before it answers it', async () => {
    const h = new EngineHarness();
    const gate = new Gate();
    h.far.holdAfter('fill', gate);
    const putting = h.engine.put(h.request(() => 'new'));
    await gate.reached;
    tellOfEntry(h);
    gate.open();
    await putting;
    expect(h.far.count('evict')).toBe(0);
    expect(await read(h, 'unused')).toBe('new');
  });
});

describe('CacheEngine: a stamp of which it only hears that it has changed', () => {
  it('is asked for, and its entries are served on from Redis if it is the same', async () => {
    const h = new EngineHarness();
    await read(h, 'v');
    tellOfStamp(h);
    h.far.sent.length = 0;
    expect(await read(h, 'unused')).toBe('v');
    expect(h.far.sent).toEqual(['get', 'stamp']);
    expect(await read(h, 'unused')).toBe('v');
    expect(h.far.sent).toEqual(['get', 'stamp']);
  });

  it('is asked for until it holds still, and Redis does not count as away for that', async () => {
    const h = new EngineHarness();
    const ask = h.far.stamp.bind(h.far);
    let changes = 5;
    h.far.stamp = async (...question) => {
      const stamp = await ask(...question);
      if (changes > 0) tellOfStamp(h);
      changes -= 1;
      return stamp;
    };
    const set = h.engine.set(
      h.request(() => 'v'),
      'v',
    );
    expect(await set).toBe(true);
    expect(h.far.sent.filter((sent) => sent !== 'stamp')).toEqual(['store']);
    expect(h.counters.farErrors).toBe(0);
  });

  it('ends its entries if it is another one', async () => {
    const { a, b } = twoProcesses();
    await read(a, 'old');
    b.far.memory.listeners.clear();
    await b.engine.renewStamp(b.invalidations.tenant('acme'));
    tellOfStamp(a);
    expect(await read(a, 'new')).toBe('new');
  });

  it('does not keep a value loaded under it from being stored, if it is the same', async () => {
    const h = new EngineHarness();
    const gate = new Gate();
    const load = async () => (await gate.pass(), 'v');
    const reading = h.engine.getOrLoad(h.request(load));
    await gate.reached;
    tellOfStamp(h);
    gate.open();
    await reading;
    expect(await read(h, 'unused')).toBe('v');
    expect(h.counters).toMatchObject({ loads: 1, fills: 1, refusedFills: 0 });
  });

  it('keeps it from that if it is another one', async () => {
    const { a, b } = twoProcesses();
    const gate = new Gate();
    const load = async () => (await gate.pass(), 'old');
    const reading = a.engine.getOrLoad(a.request(load));
    await gate.reached;
    b.far.memory.listeners.clear();
    await b.engine.renewStamp(b.invalidations.tenant('acme'));
    tellOfStamp(a);
    gate.open();
    await reading;
    expect(a.stored()).toBeUndefined();
    expect(await read(a, 'new')).toBe('new');
  });

  it('is not joined to a load that began before', async () => {
    const h = new EngineHarness();
    const gate = new Gate();
    const load = async () => (await gate.pass(), 'old');
    const reading = h.engine.getOrLoad(h.request(load));
    await gate.reached;
    tellOfStamp(h, h.keys.tagStamp('acme', 'never heard of'));
    const later = read(h, 'new');
    gate.open();
    await h.clock.advance(100);
    expect(await reading).toBe('old');
    await later;
    expect(h.counters.joined).toBe(0);
  });

  it('is asked for when two processes have renewed it and their messages and replies cross', async () => {
    const { a, b } = twoProcesses();
    const gate = new Gate();
    a.far.holdAfter('renewStamp', gate);
    const renewing = a.engine.renewStamp(a.invalidations.tenant('acme'));
    await gate.reached;
    await read(a, 'loaded before the other one has renewed it');
    await b.engine.renewStamp(b.invalidations.tenant('acme'));
    gate.open();
    await renewing;
    expect(await read(a, 'new')).toBe('new');
  });

  it('does not become again what another process had renewed it to before, when that is told late, and twice', async () => {
    const late: (() => void)[] = [];
    const memory = new SharedMemory();
    const a = new EngineHarness({ memory });
    const b = new EngineHarness({
      memory,
      clock: a.clock,
      tell: (_message, arrive) => void late.push(arrive),
    });
    await a.engine.renewStamp(a.invalidations.tenant('acme'));
    await read(a, 'loaded before b has renewed it');
    await b.engine.renewStamp(b.invalidations.tenant('acme'));
    const [told] = late;
    told?.();
    told?.();
    expect(await read(b, 'new')).toBe('new');
    told?.();
    expect(await read(b, 'unused')).toBe('new');
  });
});
