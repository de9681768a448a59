import { AsyncLocalStorage } from 'node:async_hooks';
import { of } from 'rxjs';
import { FakeClock } from '../../../../test/support/fake-clock.js';
import { Gate } from '../../../../test/support/gate.js';
import type { CacheEvents } from '../cache/cache-events.js';
import type { SoleOutcome, SoleTask, SoleWork } from '../cache/sole-work.js';
import type { WarmProgress } from '../cache/warm-progress.js';
import { TypedEmitter } from '../resilience/emitter.js';
import { currentTenant, runWithTenant } from '../tenancy/tenant-context.js';
import type { CacheWarmup, WarmContext, WarmStep } from './cache-warmup.interface.js';
import { Warmers } from './warmers.js';

/** The only process there is. */
const alone = {
  run: async (_kind: string, _name: string, _settings: object, task: SoleTask) => {
    await task(new AbortController().signal);
    return 'done';
  },
} as unknown as SoleWork;

function warmersOf(
  warmups: Record<string, CacheWarmup['warm']>,
  { concurrency = 4, soleWork = alone }: { concurrency?: number; soleWork?: SoleWork } = {},
) {
  const clock = new FakeClock();
  const events = new TypedEmitter<CacheEvents>((_event, error) => {
    throw error;
  });
  const told: WarmProgress[] = [];
  events.on('warming', (progress) => told.push(progress));
  const settings = { concurrency, leaseMs: 10_000, freshMs: 60_000 };
  const found = Object.entries(warmups).map(([name, warm]) => [name, { warm }] as const);
  const warmers = new Warmers(new Map(found), { clock, events, soleWork, settings });
  return { warmers, told, clock, states: () => told.map(({ state }) => state) };
}

const leaving = (outcome: SoleOutcome) =>
  ({ run: () => Promise.resolve(outcome) }) as unknown as SoleWork;

describe('a warmer', () => {
  it('gives steps by a generator, which all run, and says how many there are', async () => {
    const ran: number[] = [];
    const { warmers, told } = warmersOf({
      async *leads({ expect }: WarmContext) {
        await Promise.resolve();
        expect(3);
        for (const id of [1, 2, 3]) yield () => ran.push(id);
      },
    });
    const end = { warmer: 'leads', done: 3, failed: 0, total: 3, error: undefined, durationMs: 0 };
    expect(await warmers.warm('leads', true)).toEqual({ ...end, state: 'warmed' });
    expect(ran).toEqual([1, 2, 3]);
    expect(told).toEqual([
      { ...end, done: 0, total: undefined, state: 'running' },
      { ...end, state: 'warmed' },
    ]);
  });

  it('gives steps as an array, whose length is their number, or a promise of one', async () => {
    const steps: WarmStep[] = [() => 1, () => of(2), () => Promise.resolve(3)];
    const { warmers } = warmersOf({ at: () => steps, later: () => Promise.resolve(steps) });
    expect(await warmers.warm('at', true)).toMatchObject({ done: 3, total: 3, state: 'warmed' });
    expect(await warmers.warm('later', true)).toMatchObject({ done: 3, total: 3 });
  });

  it('may do all of it itself', async () => {
    const { warmers } = warmersOf({ own: () => Promise.resolve() });
    expect(await warmers.warm('own', true)).toMatchObject({ done: 1, state: 'warmed' });
  });

  it('runs outside of all that its caller is in, and each step for its tenant', async () => {
    const request = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const look = () => void seen.push([currentTenant(), request.getStore()]);
    const { warmers } = warmersOf(
      {
        *leads() {
          look();
          yield look;
          yield { tenant: 'acme', run: look };
          look();
        },
      },
      { concurrency: 1 },
    );
    await request.run('GET /', () => runWithTenant('globex', () => warmers.warm('leads', true)));
    const none = [undefined, undefined];
    expect(seen).toEqual([none, none, ['acme', undefined], none]);
  });

  it('goes on when a step fails, and tells of the first', async () => {
    const { warmers } = warmersOf(
      {
        *leads() {
          yield () => Promise.reject(new Error('first'));
          yield () => {
            throw new Error('second');
          };
          yield () => 'well';
        },
      },
      { concurrency: 1 },
    );
    expect(await warmers.warm('leads', true)).toMatchObject({
      state: 'warmed',
      done: 1,
      failed: 2,
      error: new Error('first'),
    });
  });

  it('has failed where nothing succeeded', async () => {
    const { warmers } = warmersOf({ leads: () => [() => Promise.reject(new Error('own'))] });
    expect(await warmers.warm('leads', true)).toMatchObject({ state: 'failed', failed: 1 });
  });

  it('is stopped where twenty steps in a row fail, and its generator told', async () => {
    let finished = false;
    const { warmers } = warmersOf(
      {
        *leads() {
          try {
            yield () => 'well';
            for (;;) yield () => Promise.reject(new Error('database is away'));
          } finally {
            finished = true;
          }
        },
      },
      { concurrency: 1 },
    );
    expect(await warmers.warm('leads', true)).toMatchObject({
      state: 'failed',
      done: 1,
      failed: 20,
      error: new Error('database is away'),
    });
    expect(finished).toBe(true);
  });

  it.each<[string, CacheWarmup['warm']]>([
    [
      'rejects',
      async () => {
        throw new Error('own');
      },
    ],
    [
      'throws',
      () => {
        throw new Error('own');
      },
    ],
    [
      'throws amid its steps',
      function* () {
        yield () => 1;
        throw new Error('own');
      },
    ],
  ])('has failed where it %s', async (_how, warm) => {
    const { warmers, states } = warmersOf({ leads: warm });
    expect(await warmers.warm('leads', true)).toMatchObject({
      state: 'failed',
      error: new Error('own'),
    });
    expect(states()).toEqual(['running', 'failed']);
  });

  it('tells how far it has come ten times a second at most', async () => {
    const { warmers, told, clock } = warmersOf(
      {
        async *leads() {
          for (let step = 0; step < 10; step += 1) {
            yield () => new Promise<void>((resolve) => clock.schedule(30, resolve));
          }
        },
      },
      { concurrency: 1 },
    );
    const end = warmers.warm('leads', true);
    await clock.advance(300);
    await end;
    expect(told.map(({ done }) => done)).toEqual([0, 4, 8, 10]);
  });
});

describe('warmers', () => {
  it('together run no more steps at once than allowed', async () => {
    let [running, most] = [0, 0];
    const step = async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running -= 1;
    };
    const steps = Array.from({ length: 10 }, () => step);
    const { warmers } = warmersOf({ a: () => steps, b: () => steps }, { concurrency: 3 });
    const ends = await Promise.all([warmers.warm('a', true), warmers.warm('b', true)]);
    expect(ends.map(({ done }) => done)).toEqual([10, 10]);
    expect(most).toBe(3);
  });

  it('run once at a time each: who asks meanwhile joins', async () => {
    const gate = new Gate();
    let runs = 0;
    const { warmers } = warmersOf({
      leads: () => {
        runs += 1;
        return gate.pass();
      },
    });
    const both = [warmers.warm('leads', true), warmers.warm('leads', false)];
    await gate.reached;
    gate.open();
    const [one, other] = await Promise.all(both);
    expect(one).toBe(other);
    await warmers.warm('leads', false);
    expect(runs).toBe(2);
  });

  it('that are left say so once, however often they are tried', async () => {
    const { warmers, states } = warmersOf(
      { leads: () => Promise.resolve() },
      { soleWork: leaving('elsewhere') },
    );
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect((await warmers.warm('leads', true)).state).toBe('elsewhere');
    }
    expect(states()).toEqual(['elsewhere']);
  });

  it('end when they are told to, and none begins after that', async () => {
    const gate = new Gate();
    let cleanedUp = false;
    const signals: AbortSignal[] = [];
    const { warmers } = warmersOf({
      async *leads({ signal }: WarmContext) {
        signals.push(signal);
        try {
          yield () => gate.pass();
          for (;;) yield () => 1;
        } finally {
          cleanedUp = true;
        }
      },
    });
    const running = warmers.warm('leads', true);
    await gate.reached;
    const stopped = warmers.stop();
    expect(signals[0]?.aborted).toBe(true);
    gate.open();
    await stopped;
    expect(await running).toMatchObject({ state: 'stopped', failed: 0 });
    expect(cleanedUp).toBe(true);
    expect((await warmers.warm('leads', false)).state).toBe('stopped');
    expect(signals).toHaveLength(1);
  });

  it('that have lost their lease are stopped, and say why', async () => {
    const lease = new AbortController();
    const gate = new Gate();
    const losing = {
      run: async (_kind: string, _name: string, _settings: object, task: SoleTask) => {
        await task(lease.signal);
        return 'lost';
      },
    } as unknown as SoleWork;
    const { warmers, states } = warmersOf(
      { leads: () => [() => gate.pass(), () => Promise.reject(new Error('not to be run'))] },
      { soleWork: losing, concurrency: 1 },
    );
    const end = warmers.warm('leads', true);
    await gate.reached;
    lease.abort();
    gate.open();
    expect(await end).toMatchObject({ state: 'lost', done: 1, failed: 0 });
    expect(states()).toEqual(['running', 'lost']);
  });
});
