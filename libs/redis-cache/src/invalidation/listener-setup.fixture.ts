import { FakeClock } from '../../../../test/support/fake-clock.js';
import { FakeSubscriber } from './fake-subscriber.fixture.js';

const INVALIDATE = Buffer.from('__redis__:invalidate');

/** What the specs of all that listens have in common: its clock and its connections. */
export abstract class ListenerSetup {
  readonly clock = new FakeClock();
  readonly subscribers: FakeSubscriber[] = [];

  protected abstract get listener(): { start(): void };

  /** The connection that was made last. */
  get subscriber(): FakeSubscriber {
    return this.subscribers.at(-1) as FakeSubscriber;
  }

  /** The server tells of keys that have changed. */
  tellOfKeys(...keys: string[]): void {
    const list = keys.map((key) => Buffer.from(key));
    this.subscriber.emit('messageBuffer', INVALIDATE, list);
  }

  /** The server tells that all of them are gone. */
  tellOfFlush(): void {
    this.subscriber.emit('messageBuffer', INVALIDATE, null);
  }

  /** Starts, on a connection that is made at once. */
  async begin(): Promise<this> {
    this.listener.start();
    this.subscriber.becomeReady();
    await this.clock.advance(0);
    return this;
  }

  /** @param refusal what the server answers to `command` */
  protected open(command?: 'call' | 'ssubscribe', refusal?: Error): FakeSubscriber {
    const subscriber = new FakeSubscriber();
    if (command && refusal) subscriber.refusals.set(command, refusal);
    this.subscribers.push(subscriber);
    return subscriber;
  }
}
