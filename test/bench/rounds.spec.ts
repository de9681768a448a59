import { interleaved, type Timed } from '../../bench/measure/rounds.js';
import { time, warmUp, type Rounded, type RoundSettings } from '../../bench/measure/stopwatch.js';

const SETTINGS = {
  rounds: 3,
  roundMs: 1,
  warmUpMs: 1,
  warmUpOperations: 1,
  maxWarmUpMs: 10,
};

describe('rounds of the benchmarks', () => {
  it('take turns, each time beginning with another contender', async () => {
    const order: string[] = [];
    const timed = ['a', 'b', 'c'].map((name) =>
      contender(name, {
        beforeRound: () => {
          order.push(name);
          return Promise.resolve();
        },
        run: spin,
      }),
    );
    await interleaved(timed, SETTINGS);
    expect(order.slice(-9).join('')).toBe('abcbcacab');
  });

  it('begin once a contender has done as many operations as it takes to be compiled', async () => {
    // By a clock of its own: a machine that stands still for some milliseconds would end it early.
    let nowNs = 0n;
    const clock = jest.spyOn(process.hrtime, 'bigint').mockImplementation(() => nowNs);
    const warmedUpBy = async (settings: RoundSettings): Promise<number> => {
      const runs: number[] = [];
      const run = (operations: number): Promise<void> => {
        runs.push(operations);
        nowNs += BigInt(operations) * 10_000n;
        return Promise.resolve();
      };
      await interleaved([contender('a', { run })], settings);
      return runs.slice(0, -settings.rounds).reduce((sum, operations) => sum + operations);
    };
    const often = { ...SETTINGS, warmUpOperations: 2_000, maxWarmUpMs: 60_000 };
    expect(await warmedUpBy(often)).toBeGreaterThanOrEqual(2_000);
    const patient = { ...SETTINGS, warmUpOperations: Infinity, maxWarmUpMs: 5 };
    expect(await warmedUpBy(patient)).toBeGreaterThanOrEqual(100);
    clock.mockRestore();
  });

  it('give a time of one operation for each round', async () => {
    const times = await interleaved([contender('a', { run: spin })], SETTINGS);
    expect(times.get('a')).toEqual({
      wallNs: [expect.any(Number), expect.any(Number), expect.any(Number)],
      cpuNs: [expect.any(Number), expect.any(Number), expect.any(Number)],
    });
  });

  it('go on with the others when one fails, and do not ask it again', async () => {
    let asked = 0;
    const failing = (): Promise<void> => {
      asked += 1;
      return Promise.reject(new Error('no server'));
    };
    const timed = [contender('a', { run: failing }), contender('b', { run: spin })];
    const times = await interleaved(timed, SETTINGS);
    expect(times.get('a')).toEqual(new Error('no server'));
    expect(times.get('b')).toMatchObject({ wallNs: { length: SETTINGS.rounds } });
    expect(asked).toBe(1);
  });
});

function contender(name: string, rounded: Rounded): Timed {
  return {
    name,
    warmUp: (settings) => warmUp(rounded, settings),
    time: (operations) => time(rounded, operations),
  };
}

/** An operation that takes a moment. */
function spin(operations: number): Promise<void> {
  const endMs = performance.now() + operations * 0.01;
  while (performance.now() < endMs);
  return Promise.resolve();
}
