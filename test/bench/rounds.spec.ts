import { interleaved, type Timed } from '../../bench/measure/rounds.js';

const SETTINGS = { rounds: 3, roundMs: 1, warmUpMs: 1 };

describe('rounds of the benchmarks', () => {
  it('take turns, each time beginning with another contender', async () => {
    const order: string[] = [];
    const timed = ['a', 'b', 'c'].map((name): Timed => ({
      name,
      beforeRound: () => {
        order.push(name);
        return Promise.resolve();
      },
      run: spin,
    }));
    await interleaved(timed, SETTINGS);
    expect(order.slice(-9).join('')).toBe('abcbcacab');
  });

  it('give a time of one operation for each round', async () => {
    const times = await interleaved([{ name: 'a', run: spin }], SETTINGS);
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
    const timed = [
      { name: 'a', run: failing },
      { name: 'b', run: spin },
    ];
    const times = await interleaved(timed, SETTINGS);
    expect(times.get('a')).toEqual(new Error('no server'));
    expect(times.get('b')).toMatchObject({ wallNs: { length: SETTINGS.rounds } });
    expect(asked).toBe(1);
  });
});

/** An operation that takes a moment. */
function spin(operations: number): Promise<void> {
  const endMs = performance.now() + operations * 0.01;
  while (performance.now() < endMs);
  return Promise.resolve();
}
