import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { SharedRows } from '../../../../test/support/memory-persistent.store.js';
import type { CacheTracing } from './cache-tracing.js';

const failure = new Error('of the tracer');

/** Follows nothing, and disturbs nothing. */
const SILENT: CacheTracing = {
  far: (_work, run) => run(),
  load: async (_entry, run) => run((fn) => fn()),
  carry: () => (fn) => fn(),
};

function fail(): never {
  throw failure;
}

const forgetful = ((fn: () => unknown) => void fn()) as <R>(fn: () => R) => R;
const idle = (() => undefined) as <R>(fn: () => R) => R;

function failingBehind(fn: () => unknown): never {
  fn();
  return fail();
}

function twice<R>(fn: () => R): R {
  fn();
  return fn();
}

const TRACERS: [string, Partial<CacheTracing>][] = [
  ['throws before work with Redis', { far: fail }],
  ['rejects before work with Redis', { far: () => Promise.reject(failure) }],
  [
    'throws once work with Redis has begun',
    {
      far: (_work, run) => {
        void run();
        return fail();
      },
    },
  ],
  ['answers with something else', { far: () => Promise.resolve('?' as never) }],
  ['rejects behind work with Redis', { far: (_work, run) => run().then(fail) }],
  ['throws before a load', { load: fail }],
  [
    'rejects behind a load',
    {
      load: async (_entry, run) => {
        await run((fn) => fn());
        return fail();
      },
    },
  ],
  ['throws within a load', { load: async (_entry, run) => run(fail) }],
  [
    'runs a load twice',
    {
      load: async (_entry, run) => {
        await run((fn) => fn());
        return run((fn) => fn());
      },
    },
  ],
  ['enters a load without its answer', { load: async (_entry, run) => run(forgetful) }],
  ['enters a load and throws', { load: async (_entry, run) => run(failingBehind) }],
  ['does not enter a load', { load: async (_entry, run) => run(idle) }],
  ['enters a load twice', { load: async (_entry, run) => run(twice) }],
  ['cannot carry', { carry: fail }],
  ['carries without the answer', { carry: () => forgetful }],
  ['throws behind what it carries', { carry: () => failingBehind }],
  ['fails at what it carries', { carry: () => fail }],
];

describe('CacheEngine: a tracer that fails', () => {
  describe.each(TRACERS)('because it %s', (_how, tracer) => {
    let h: EngineHarness;
    let loads: number;
    const load = () => `loaded ${++loads}`;

    beforeEach(async () => {
      loads = 0;
      h = new EngineHarness({ tracing: { ...SILENT, ...tracer }, rows: new SharedRows() });
      await h.openStore();
    });
    afterEach(() => {
      expect(h.flights.size).toBe(0);
      expect(h.leases.size).toBe(0);
      expect(h.events).not.toContain('farError');
      expect(h.events).not.toContain('persistenceError');
    });

    const request = (value: () => unknown) => h.request(value, { persist: { ttl: '1h' } });

    it('takes nothing from calls, and is told of', async () => {
      expect(await h.engine.getOrLoad(request(load))).toBe('loaded 1');
      expect(await h.engine.getOrLoad(request(load))).toBe('loaded 1');
      expect(await h.engine.evict(h.ref())).toBe(true);
      expect(await h.engine.getOrLoad(request(load))).toBe('loaded 2');
      expect(await h.engine.set(request(load), 'set')).toBe(true);
      h.near.clear();
      expect(await h.engine.getOrLoad(request(load))).toBe('set');
      expect(await h.engine.put(request(() => 'put'))).toBe('put');
      expect(await h.engine.renewStamp(h.invalidations.tenant('acme'))).toBe(true);
      expect(await h.engine.getOrLoad(request(load))).toBe('loaded 3');
      await h.background.idle();
    });

    it('leaves errors of loads as they are, and the next call loads again', async () => {
      const error = new Error('of the load');
      const failing = h.engine.getOrLoad(request(() => Promise.reject(error)));
      await expect(failing).rejects.toBe(error);
      expect(await h.engine.getOrLoad(request(load))).toBe('loaded 1');
    });
  });

  it('is told of by an event, and work that fails by itself is not its fault', async () => {
    const h = new EngineHarness({ tracing: { ...SILENT, far: fail } });
    await h.engine.getOrLoad(h.request(() => 'v'));
    const told = h.heard.filter(({ event }) => event === 'backgroundError');
    expect(told[0]?.payload).toEqual({ task: 'tracing', error: failure });

    const well = new EngineHarness({ tracing: SILENT });
    well.far.fail('get');
    expect(await well.engine.getOrLoad(well.request(() => 'v'))).toBe('v');
    expect(well.events).toContain('farError');
    expect(well.events).not.toContain('backgroundError');
  });
});
