import { TypedEmitter } from './emitter.js';

interface Events {
  added: { count: number };
  removed: undefined;
}

describe('TypedEmitter', () => {
  const onListenerError = jest.fn();
  let emitter: TypedEmitter<Events>;

  beforeEach(() => {
    onListenerError.mockReset();
    emitter = new TypedEmitter<Events>(onListenerError);
  });

  it('calls the listeners of an event in the order they came', () => {
    const calls: string[] = [];
    emitter.on('added', ({ count }) => calls.push(`first ${count}`));
    emitter.on('added', ({ count }) => calls.push(`second ${count}`));
    emitter.on('removed', () => calls.push('never'));
    emitter.emit('added', { count: 1 });
    expect(calls).toEqual(['first 1', 'second 1']);
  });

  it('calls a listener no more once it is removed, and once only however often it was added', () => {
    const listener = jest.fn();
    emitter.on('added', listener);
    const off = emitter.on('added', listener);
    emitter.emit('added', { count: 1 });
    off();
    off();
    emitter.emit('added', { count: 2 });
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('knows whether anybody listens', () => {
    expect(emitter.hasListeners('added')).toBe(false);
    const off = emitter.on('added', () => undefined);
    expect([emitter.hasListeners('added'), emitter.hasListeners('removed')]).toEqual([true, false]);
    off();
    expect(emitter.hasListeners('added')).toBe(false);
  });

  it('goes on when a listener throws or its promise is rejected, and tells of both', async () => {
    const errors = [new Error('thrown'), new Error('rejected')];
    const last = jest.fn();
    emitter.on('removed', () => {
      throw errors[0] as Error;
    });
    emitter.on('removed', () => Promise.reject(errors[1] as Error));
    emitter.on('removed', last);
    emitter.emit('removed', undefined);
    await Promise.resolve();
    expect(last).toHaveBeenCalledTimes(1);
    expect(onListenerError.mock.calls).toEqual(errors.map((error) => ['removed', error]));
  });

  it('lets listeners come and go while it calls them', () => {
    const late = jest.fn();
    const off = emitter.on('removed', () => {
      off();
      emitter.on('removed', late);
    });
    emitter.emit('removed', undefined);
    expect(late).not.toHaveBeenCalled();
    emitter.emit('removed', undefined);
    expect(late).toHaveBeenCalledTimes(1);
  });
});
