import { FakeClock } from '../../../../test/support/fake-clock.js';
import { Gate } from '../../../../test/support/gate.js';
import { MemoryFarStore, SharedMemory } from '../../../../test/support/memory-far.store.js';
import { until } from '../../../../test/support/until.js';
import { FarTimeoutError } from '../errors/far-tier.error.js';
import { KeySpace } from '../keys/key-space.js';
import { TypedEmitter } from '../resilience/emitter.js';
import { BackgroundTasks } from './background-tasks.js';
import type { CacheEvents } from './cache-events.js';
import { SoleWork } from './sole-work.js';

const SETTINGS = { leaseMs: 9_000, doneMs: 60_000, unlessDone: true };
const KEY = 'crm:{!warm/leads}:done';

describe('work of one process', () => {
  const clock = new FakeClock();
  const memory = new SharedMemory();
  let tokens = 0;

  beforeEach(() => memory.clear());

  function newProcess(far = new MemoryFarStore(clock, memory), usesFar = true) {
    const events = new TypedEmitter<CacheEvents>((_event, error) => {
      throw error;
    });
    const farErrors: string[] = [];
    events.on('farError', ({ operation }) => farErrors.push(operation));
    const failures: string[] = [];
    const background = new BackgroundTasks((task) => failures.push(task));
    const random = { fraction: () => 0, token: () => `token-${++tokens}`, stampId: () => '' };
    const keys = new KeySpace('crm');
    const parts = { link: far, keys, clock, random, events, background };
    const work = new SoleWork({ far: usesFar ? far : undefined, ...parts });
    const run = (task: (signal: AbortSignal) => Promise<boolean>, settings = {}) =>
      work.run('warm', 'leads', { ...SETTINGS, ...settings }, task);
    return { far, run, events, farErrors, failures };
  }

  const complete = () => Promise.resolve(true);

  /** Work that ends when it is told to, or may. */
  function working() {
    const gate = new Gate();
    const seen: { signal?: AbortSignal } = {};
    const task = async (signal: AbortSignal) => {
      seen.signal = signal;
      await gate.pass();
      return !signal.aborted;
    };
    return { gate, seen, task };
  }

  it('is done by one, is left by the others meanwhile, and lately', async () => {
    const [a, b] = [newProcess(), newProcess()];
    const { gate, task } = working();
    const byA = a.run(task);
    await gate.reached;
    expect(await b.run(complete)).toBe('elsewhere');
    gate.open();
    expect(await byA).toBe('done');
    expect(memory.leases.size).toBe(0);
    expect(await b.run(complete)).toBe('recent');
    await clock.advance(60_000);
    expect(await b.run(complete)).toBe('done');
  });

  it('is done again lately where that is asked for, and then counts as done anew', async () => {
    const { run } = newProcess();
    expect(await run(complete)).toBe('done');
    await clock.advance(50_000);
    expect(await run(complete, { unlessDone: false })).toBe('done');
    await clock.advance(50_000);
    expect(await run(complete)).toBe('recent');
    const { gate, task } = working();
    const again = run(task, { unlessDone: false });
    await gate.reached;
    expect(await newProcess().run(complete, { unlessDone: false })).toBe('elsewhere');
    gate.open();
    await again;
  });

  it('counts as done for two leases at least, so that whoever waits for it hears of it', async () => {
    const { run } = newProcess();
    await run(complete, { doneMs: 0 });
    await clock.advance(17_999);
    expect(await run(complete)).toBe('recent');
    await clock.advance(1);
    expect(await run(complete)).toBe('done');
  });

  it('is for another one to do if it did not come to its end, or failed', async () => {
    const [a, b] = [newProcess(), newProcess()];
    expect(await a.run(() => Promise.resolve(false))).toBe('done');
    await expect(a.run(() => Promise.reject(new Error('own')))).rejects.toThrow('own');
    expect(memory.leases.size).toBe(0);
    expect(await b.run(complete)).toBe('done');
  });

  it('is kept by a lease that is renewed, and taken over once the holder has died', async () => {
    const [a, b] = [newProcess(), newProcess()];
    const { gate, seen, task } = working();
    const byA = a.run(task);
    await gate.reached;
    await clock.advance(60_000);
    expect(await b.run(complete)).toBe('elsewhere');
    expect(a.far.count('renew')).toBe(20);
    // Nothing of it reaches Redis any more: it is dead, as far as that can tell.
    a.far.available = false;
    await clock.advance(8_999);
    expect(await b.run(complete)).toBe('elsewhere');
    expect(seen.signal?.aborted).toBe(false);
    await clock.advance(3_001);
    expect(await b.run(complete)).toBe('done');
    // It knows by itself that it cannot be the holder any more.
    expect(seen.signal?.aborted).toBe(true);
    gate.open();
    expect(await byA).toBe('lost');
    expect(clock.pending).toBe(0);
  });

  it('is for others to do where the lease is given after it was given up', async () => {
    const [a, b] = [newProcess(), newProcess()];
    const late = new Gate();
    a.far.applyLate('acquire', late);
    expect(await a.run(complete)).toBe('away');
    await until(() => a.far.count('release') === 1);
    late.open();
    await until(() => a.far.count('release') === 2);
    expect(await b.run(complete)).toBe('done');
  });

  it('is for others to do once Redis is back, where the lease was given while it was away', async () => {
    const [a, b] = [newProcess(), newProcess()];
    const late = new Gate();
    a.far.applyLate('acquire', late);
    expect(await a.run(complete)).toBe('away');
    a.far.available = false;
    late.open();
    await until(() => a.failures.length === 1);
    expect(a.failures).toEqual(['release']);
    expect(await b.run(complete)).toBe('elsewhere');
    a.far.available = true;
    const back = {
      from: { kind: 'recovering', sinceMs: 0 },
      to: { kind: 'ready', sinceMs: 0 },
    } as const;
    a.events.emit('state', back);
    await until(() => memory.leases.size === 0);
    expect(await b.run(complete)).toBe('done');
    // What was given back is forgotten.
    const releases = a.far.count('release');
    a.events.emit('state', back);
    expect(a.far.count('release')).toBe(releases);
  });

  it('is given up as soon as another one has the lease', async () => {
    const { run, far } = newProcess();
    const { gate, seen, task } = working();
    const lost = run(task);
    await gate.reached;
    await far.claim(KEY, { token: 'of another', leaseMs: 60_000 });
    await clock.advance(3_000);
    expect(seen.signal?.aborted).toBe(true);
    gate.open();
    expect(await lost).toBe('lost');
    expect(memory.leases.get(KEY)?.bytes.toString()).toBe('of another');
  });

  it('goes on where a renewal was not answered, as long as the lease stands', async () => {
    const { run, far, failures } = newProcess();
    const { gate, seen, task } = working();
    const work = run(task);
    await gate.reached;
    far.fail('renew');
    await clock.advance(3_000);
    far.heal();
    await clock.advance(30_000);
    expect(seen.signal?.aborted).toBe(false);
    expect(failures).toEqual(['renew']);
    gate.open();
    expect(await work).toBe('done');
  });

  it('is left while Redis is away, and where it does not answer', async () => {
    const { run, far, farErrors } = newProcess();
    const task = jest.fn(complete);
    far.available = false;
    expect(await run(task)).toBe('away');
    far.available = true;
    far.fail('acquire', new FarTimeoutError(100), true);
    expect(await run(task)).toBe('away');
    await clock.advance(0);
    // What may have been given is given back.
    expect(memory.leases.size).toBe(0);
    expect(farErrors).toEqual(['acquire']);
    expect(task).not.toHaveBeenCalled();
  });

  it('is done by every process that keeps entries apart, once Redis is there', async () => {
    const [a, b] = [newProcess(undefined, false), newProcess(undefined, false)];
    const task = jest.fn(complete);
    a.far.available = false;
    expect(await a.run(task)).toBe('away');
    expect(task).not.toHaveBeenCalled();
    a.far.available = true;
    expect([await a.run(task), await b.run(task)]).toEqual(['done', 'done']);
    expect(task).toHaveBeenCalledTimes(2);
  });

  it('is done although nobody can be told', async () => {
    const { run, far, farErrors } = newProcess();
    far.fail('fill');
    expect(await run(complete)).toBe('done');
    expect(farErrors).toEqual(['fill']);
  });

  it('is done by every process where no Redis is configured', async () => {
    const work = new SoleWork({
      ...({} as ConstructorParameters<typeof SoleWork>[0]),
      far: undefined,
    });
    const task = jest.fn(complete);
    expect(await work.run('warm', 'leads', SETTINGS, task)).toBe('done');
    expect(await work.run('warm', 'leads', SETTINGS, task)).toBe('done');
    expect(task).toHaveBeenCalledTimes(2);
  });
});
