import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';
import { SharedRows } from '../../../../test/support/memory-persistent.store.js';

describe('CacheEngine: values that are not stored', () => {
  it('are loaded by each for itself where no copy of them is the same', async () => {
    const h = new EngineHarness();
    const gate = new Gate();
    const load = async () => {
      await gate.pass();
      const rows: number[] = [];
      return { rows, add: (row: number) => rows.push(row) };
    };
    const extra = { unless: () => true };
    const read = () => h.engine.getOrLoad(h.request(load, {}, extra)) as ReturnType<typeof load>;
    const first = read();
    await gate.reached;
    const second = read();
    gate.open();
    const [a, b] = await Promise.all([first, second]);
    b.add(7);
    expect([a.rows, b.rows]).toEqual([[], [7]]);
    expect(h.counters.uncacheable).toBe(0);
  });

  it('are copied for those who share their load where they can be', async () => {
    const h = new EngineHarness();
    const gate = new Gate();
    const load = jest.fn(async () => {
      await gate.pass();
      return { rows: [1] };
    });
    const read = () => h.engine.getOrLoad(h.request(load, {}, { unless: () => true }));
    const first = read();
    await gate.reached;
    const second = read();
    gate.open();
    expect(await first).toEqual({ rows: [1] });
    expect(await second).toEqual({ rows: [1] });
    expect(await first).not.toBe(await second);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('replace the earlier one by nothing also where no copy of them is the same', async () => {
    const h = new EngineHarness();
    await h.engine.set(
      h.request(() => 'unused'),
      'old',
    );
    const unstored = h.request(() => 'unused', {}, { ttlMs: () => 0 });
    expect(await h.engine.set(unstored, { add: () => 1 })).toBe(false);
    expect(await h.engine.getOrLoad(h.request(() => 'new'))).toBe('new');
  });

  it('are answered where the persistent store cannot take their tags', async () => {
    const h = await new EngineHarness({ rows: new SharedRows() }).openStore();
    const resultTags = () => ['x'.repeat(262_144)];
    const request = h.request(() => 'v', { persist: true }, { resultTags });
    expect(await h.engine.getOrLoad(request)).toBe('v');
  });

  it('nor kept once the cache is closed', async () => {
    const h = new EngineHarness();
    await h.engine.getOrLoad(h.request(() => 1));
    await h.engine.close();
    expect(await h.engine.get(h.ref(), h.request(() => 1).policy)).toEqual({ kind: 'miss' });
    expect(h.near.entries).toBe(0);
  });
});
