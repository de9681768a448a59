import { stat } from 'node:fs/promises';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { callsThatWait } from './calls-that-wait.js';

describe('callsThatWait', () => {
  it('counts none of those that only await what is at hand', async () => {
    const call = async (): Promise<void> => {
      for (let step = 0; step < 100; step++) await Promise.resolve();
    };
    expect(await callsThatWait(3, call)).toBe(0);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a timer', () => sleep(0)],
    ['an immediate', () => setImmediate()],
    ['a file', () => stat(__filename)],
  ])('counts those that wait for %s', async (_what, wait) => {
    const call = (index: number) => (index === 1 ? wait() : Promise.resolve());
    expect(await callsThatWait(3, call)).toBe(1);
  });
});
