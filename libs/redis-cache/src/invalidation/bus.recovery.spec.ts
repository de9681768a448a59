import { FakeClock } from '../../../../test/support/fake-clock.js';
import { Bus } from './bus.js';
import type { Voice } from './voice.js';

/** A listening connection that the test answers for. */
class FakeSubscriber {
  readonly options = {};
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

  ssubscribe(): Promise<void> {
    return this.subscribe();
  }

  call(): Promise<void> {
    return Promise.resolve();
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

function voice(publish: Voice['publish']): Voice {
  return { publish, spublish: publish, touch: () => Promise.resolve() };
}

describe('Bus', () => {
  it('is proven during a recovery even if a proof that began before it fails at the same time', async () => {
    const clock = new FakeClock();
    const subscriber = new FakeSubscriber();
    let published = 0;
    const bus = new Bus({
      openSubscriber: () => subscriber,
      voice: voice((channel, text) => {
        published += 1;
        if (published === 1) return Promise.reject(new Error('away'));
        setImmediate(() => {
          subscriber.emit('message', channel, text);
        });
        return Promise.resolve();
      }),
      channel: 'cache:bus',
      origin: 'me',
      clock,
      backoff: () => 50,
      heartbeatMs: 1_000,
      silenceMs: 500,
      onMessage: () => undefined,
      onMalformed: () => undefined,
      onGap: () => undefined,
      onRefused: () => undefined,
    });
    bus.start();
    const proof = bus.proveWhenConnected();
    subscriber.status = 'ready';
    subscriber.emit('ready');
    await clock.advance(0);
    subscriber.answerAll();
    await clock.advance(1);
    await clock.advance(1);
    expect(await proof).toBe(true);
    expect(bus.trusted).toBe(true);
    expect(published).toBe(2);
    await bus.close();
  });
});
