import { ConnectionHarness } from '../../../../test/support/connection-harness.js';
import { Bus } from '../invalidation/bus.js';
import { FakeSubscriber } from '../invalidation/fake-subscriber.fixture.js';
import { proveAnew } from './recovery.js';

/** A bus whose messages come back once its connection is ready, which the test sees to. */
class Setup {
  readonly harness = new ConnectionHarness();
  readonly subscriber = new FakeSubscriber();
  readonly bus: Bus;

  constructor(silenceMs: number) {
    const { clock } = this.harness;
    const pass = (channel: string, message: string) =>
      Promise.resolve(this.subscriber.emit('message', channel, message));
    this.bus = new Bus({
      openSubscriber: () => this.subscriber,
      voice: { publish: pass, spublish: pass, touch: () => Promise.resolve() },
      channel: 'test:bus',
      origin: 'me',
      clock,
      backoff: () => 50,
      heartbeatMs: 1_000,
      silenceMs,
      onMessage: () => undefined,
      onMalformed: () => undefined,
      onGap: () => undefined,
      onRefused: () => undefined,
    });
    this.bus.start();
    this.harness.start({ recover: () => proveAnew(this.bus, clock) });
    this.harness.client.becomes('ready');
  }
}

describe('a recovery', () => {
  it.each([500, 11_000])(
    'ends though the listening connection cannot be made, with a silence of %d ms',
    async (silenceMs) => {
      const { harness, bus } = new Setup(silenceMs);
      await harness.clock.advance(5_000);
      expect(harness.states).toEqual(['recovering', 'ready']);
      expect(bus.trusted).toBe(false);
    },
  );

  it('is followed by trust when the connection is made after all', async () => {
    const { harness, bus, subscriber } = new Setup(11_000);
    await harness.clock.advance(6_000);
    subscriber.becomeReady();
    await harness.clock.advance(0);
    expect(harness.states).toEqual(['recovering', 'ready']);
    expect(bus.trusted).toBe(true);
  });

  it('waits for the proof where that is a matter of a moment', async () => {
    const { harness, subscriber, bus } = new Setup(500);
    await harness.clock.advance(100);
    expect(harness.states).toEqual(['recovering']);
    subscriber.becomeReady();
    await harness.clock.advance(0);
    expect(harness.states).toEqual(['recovering', 'ready']);
    expect(bus.trusted).toBe(true);
  });

  it('does not take for proven what was heard before it', async () => {
    const { harness, subscriber, bus } = new Setup(500);
    subscriber.becomeReady();
    await harness.clock.advance(0);
    expect(bus.trusted).toBe(true);
    const proving = proveAnew(bus, harness.clock);
    expect(bus.trusted).toBe(false);
    await proving;
    expect(bus.trusted).toBe(true);
  });
});
