import { replyError } from '../../../../test/support/fake-redis-client.js';
import { Gate } from '../../../../test/support/gate.js';
import { ListenerSetup } from './listener-setup.fixture.js';
import { MasterTracking } from './master-tracking.js';

const PROBE = 'crm:{#3}:probe:me:';

/** A master that tells of the key of a sign of life before it acknowledges it, unless the test does. */
class Setup extends ListenerSetup {
  readonly keys: string[] = [];
  readonly unsupported: string[] = [];
  readonly touched: string[] = [];
  gaps = 0;
  losses = 0;
  flushes = 0;
  tells = true;
  serves = true;
  refusal: Error | undefined;
  readonly tracking = new MasterTracking({
    openSubscriber: () => this.open('call', this.refusal),
    voice: {
      publish: () => Promise.reject(new Error('not in use')),
      spublish: () => Promise.reject(new Error('not in use')),
      touch: (key) => {
        this.touched.push(key);
        if (this.tells) this.tellOfKeys(`app:${key}`);
        return Promise.resolve();
      },
    },
    origin: 'me',
    clock: this.clock,
    backoff: () => 50,
    heartbeatMs: 1_000,
    silenceMs: 500,
    prefix: 'app:crm:{',
    clientPrefix: 'app:',
    probeKey: (beat) => (this.serves ? PROBE + beat : undefined),
    beatOf: (key) => (key.startsWith(PROBE) ? key.slice(PROBE.length) : undefined),
    onKey: (key) => this.keys.push(`${key}${this.tracking.trusted ? '' : ' (not trusted)'}`),
    onFlushed: () => {
      this.flushes += 1;
    },
    onLost: () => {
      this.losses += 1;
    },
    onUnsupported: (error) => this.unsupported.push(String(error)),
    onGap: () => {
      this.gaps += 1;
    },
    onRefused: () => undefined,
  });

  /** Lets every connection be made that is asked for. */
  async goOn(ms: number): Promise<void> {
    for (let i = 0; i < ms; i += 50) {
      if (this.subscriber.status === 'connecting') this.subscriber.becomeReady();
      await this.clock.advance(50);
    }
  }

  protected get listener(): { start(): void } {
    return this.tracking;
  }
}

describe('MasterTracking', () => {
  it('has the master redirect to the connection itself, and is trusted once a key is told of', async () => {
    const setup = await new Setup().begin();
    expect(setup.subscriber.calls).toEqual([
      'CLIENT ID',
      'CLIENT TRACKING ON REDIRECT 7 BCAST PREFIX app:crm:{',
      'PING',
    ]);
    expect([...setup.subscriber.channels]).toEqual(['__redis__:invalidate']);
    expect(setup.touched).toEqual([`${PROBE}1`]);
    expect(setup.tracking.trusted).toBe(true);
    expect(setup.gaps).toBe(1);
  });

  it('passes on every key of a message, and takes it for proof only after that', async () => {
    const setup = new Setup();
    setup.tells = false;
    await setup.begin();
    setup.tellOfKeys('app:crm:{acme/lead@1/a}', `app:${PROBE}1`, 'app:crm:{acme/lead@1/b}');
    await setup.clock.advance(0);
    expect(setup.keys).toEqual([
      'crm:{acme/lead@1/a} (not trusted)',
      'crm:{acme/lead@1/b} (not trusted)',
    ]);
    expect(setup.tracking.trusted).toBe(true);
  });

  it('does not take an earlier sign of life, which may have expired, for proof', async () => {
    const setup = await new Setup().begin();
    setup.tells = false;
    await setup.clock.advance(1_000);
    setup.tellOfKeys(`app:${PROBE}1`);
    await setup.clock.advance(499);
    expect(setup.tracking.trusted).toBe(true);
    await setup.clock.advance(1);
    expect(setup.tracking.trusted).toBe(false);
  });

  it('says when it is lost, and is proven anew by another connection', async () => {
    const setup = await new Setup().begin();
    setup.subscriber.end();
    expect(setup.tracking.trusted).toBe(false);
    expect(setup.losses).toBe(1);
    await setup.goOn(200);
    expect(setup.tracking.trusted).toBe(true);
    expect(setup.gaps).toBe(2);
  });

  it('takes null for all that is on the master', async () => {
    const setup = await new Setup().begin();
    setup.tellOfFlush();
    expect(setup.flushes).toBe(1);
    expect(setup.tracking.trusted).toBe(true);
  });

  it('is not trusted while the master serves no slot', async () => {
    const setup = new Setup();
    setup.serves = false;
    await setup.begin();
    expect(setup.tracking.trusted).toBe(false);
    setup.serves = true;
    await setup.goOn(1_500);
    expect(setup.tracking.trusted).toBe(true);
  });

  it('is given up when it is refused', async () => {
    const setup = new Setup();
    setup.refusal = replyError('ERR unknown command');
    await setup.begin();
    expect(setup.unsupported).toEqual([expect.stringContaining('unknown command')]);
    expect(setup.tracking.trusted).toBe(false);
  });

  it('is given up when it is accepted and no key is told of', async () => {
    const setup = new Setup();
    setup.tells = false;
    await setup.begin();
    await setup.goOn(1_900);
    expect(setup.unsupported).toEqual([]);
    await setup.goOn(5_000);
    expect(setup.unsupported[0]).toContain('nothing is told');
  });

  it('is not given up while the connection itself is silent', async () => {
    const setup = await new Setup().begin();
    setup.tells = false;
    setup.subscriber.call = () => new Promise(() => undefined);
    await setup.clock.advance(10_000);
    expect(setup.unsupported).toEqual([]);
    expect(setup.tracking.trusted).toBe(false);
  });

  it('takes the latest of the signs of life in a message for proof, in whatever order they are', async () => {
    const setup = await new Setup().begin();
    setup.tells = false;
    const proofs = [setup.tracking.prove(), setup.tracking.prove()];
    await setup.clock.advance(0);
    setup.tellOfKeys(`app:${PROBE}3`, `app:${PROBE}2`);
    await setup.clock.advance(500);
    expect(await Promise.all(proofs)).toEqual([true, true]);
    expect(setup.tracking.trusted).toBe(true);
  });

  it('takes 10 for later than 9, which the server tells of after it as it orders keys by name', async () => {
    const setup = await new Setup().begin();
    for (let beat = 2; beat < 9; beat += 1) expect(await setup.tracking.prove()).toBe(true);
    setup.tells = false;
    const proofs = [setup.tracking.prove(), setup.tracking.prove()];
    await setup.clock.advance(0);
    expect(setup.touched.slice(-2)).toEqual([`${PROBE}9`, `${PROBE}10`]);
    setup.tellOfKeys(`app:${PROBE}10`, `app:${PROBE}9`);
    await setup.clock.advance(500);
    expect(await Promise.all(proofs)).toEqual([true, true]);
  });

  it.each<[string, string[][]]>([
    ['at once', [['2', '3', '4', '5']]],
    ['at once, and then of the end of an earlier one', [['2', '3', '4', '5'], ['1']]],
  ])('is not given up where several signs of life are told of %s', async (_, messages) => {
    const setup = await new Setup().begin();
    setup.tells = false;
    const reply = new Gate();
    setup.subscriber.call = () => reply.pass();
    const proofs = [2, 3, 4, 5].map(() => setup.tracking.prove());
    await setup.clock.advance(0);
    for (const beats of messages) setup.tellOfKeys(...beats.map((beat) => `app:${PROBE}${beat}`));
    reply.open();
    await setup.clock.advance(500);
    expect(reply.arrivals).toBe(4);
    expect(setup.unsupported).toEqual([]);
    expect(await Promise.all(proofs)).toEqual([true, true, true, true]);
  });
});
