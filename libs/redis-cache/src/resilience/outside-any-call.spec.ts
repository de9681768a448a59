import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { outsideAnyCall } from './outside-any-call.js';

/** What the run of a test makes by itself. */
const OF_THE_TEST = ['PROMISE', 'Timeout', 'Immediate', 'TickObject', 'Microtask'];

describe('outsideAnyCall', () => {
  it('runs a function with its arguments, in no context of its caller', () => {
    const storage = new AsyncLocalStorage<string>();
    const seen = (...args: string[]) => [storage.getStore(), ...args];
    expect(storage.run('acme', () => outsideAnyCall(seen, 'a', 'b'))).toEqual([
      undefined,
      'a',
      'b',
    ]);
    expect(storage.run('acme', () => outsideAnyCall(() => seen('c')))).toEqual([undefined, 'c']);
  });

  it('is no open handle to those who look for such, as Jest does', async () => {
    const open = new Map<number, string>();
    const hook = createHook({
      init: (id, type) => {
        if (!OF_THE_TEST.includes(type)) open.set(id, type);
      },
      destroy: (id) => {
        open.delete(id);
      },
    }).enable();
    jest.isolateModules(() => jest.requireActual('./outside-any-call.js'));
    await pause(20);
    hook.disable();
    expect([...open.values()]).toEqual([]);
  });
});
