import { FakeClock } from '../../../../test/support/fake-clock.js';
import { Bus } from './bus.js';

/** A listening connection that the test answers for. */
class FakeSubscriber {
  status = 'connecting';
  private readonly listeners = new Map<string, (...args: never[]) => void>();
  private readonly subscribing: (() => void)[] = [];

  on(event: string, listener: (...args: never[]) => void): this {
    this.listeners.set(event, listener);
    return this;
  }

  subscribe(): Promise<void> {
    return new Promise((resolve) => this.subscribing.push(resolve));
  }

  /** All replies that are due arrive in one packet. */
  answerAll(): void {
    for (const resolve of this.subscribing.splice(0)) resolve();
  }

  emit(event: string, ...args: unknown[]): void {
    (this.listeners.get(event) as ((...a: unknown[]) => void) | undefined)?.(...args);
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  quit(): Promise<void> {
    return Promise.resolve();
  }

  disconnect(): void {
    this.status = 'end';
  }

  removeAllListeners(): void {
    this.listeners.clear();
  }
}

describe('Bus', () => {
  it('is proven during a recovery even if a proof by the usual way fails at the same time', async () => {
    const clock = new FakeClock();
    const subscriber = new FakeSubscriber();
    const bus = new Bus({
      openSubscriber: () => subscriber,
      // The connection recovers: only the recovery itself may send.
      publish: () => Promise.reject(new Error('recovering')),
      channel: 'cache:bus',
      origin: 'me',
      clock,
      backoff: () => 50,
      heartbeatMs: 1_000,
      silenceMs: 500,
      onMessage: () => undefined,
      onMalformed: () => undefined,
      onGap: () => undefined,
    });
    bus.start();
    const proof = bus.proveWhenConnected((channel, text) => {
      setImmediate(() => {
        subscriber.emit('message', channel, text);
      });
      return Promise.resolve();
    });
    subscriber.status = 'ready';
    subscriber.emit('ready');
    await clock.advance(0);
    subscriber.answerAll();
    await clock.advance(1);
    await clock.advance(1);
    expect(await proof).toBe(true);
    expect(bus.trusted).toBe(true);
    await bus.close();
  });
});
