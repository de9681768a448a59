import { replyError } from '../../../../test/support/fake-redis-client.js';
import type { Heard } from './coherence.js';
import { ListenerSetup } from './listener-setup.fixture.js';
import { Tracking } from './tracking.js';

const OWN = Buffer.from('crm:bus:me');
const PROBE = 'app:crm:{}:probe:me';

/** A server that tells of the key of a sign of life in a message of its own, unless the test does. */
class Setup extends ListenerSetup {
  readonly keys: string[] = [];
  readonly heard: Heard[] = [];
  readonly malformed: string[] = [];
  readonly unsupported: string[] = [];
  readonly refused: string[] = [];
  gaps = 0;
  tellsOfKeys = true;
  refusal: Error | undefined;
  beat = '';
  readonly tracking = new Tracking({
    openSubscriber: () => this.open('call', this.refusal),
    voice: {
      publish: (_channel, message) => {
        this.beat = message;
        this.subscriber.emit('messageBuffer', OWN, Buffer.from(message));
        return Promise.resolve();
      },
      spublish: () => Promise.reject(new Error('not in use')),
      touch: () => {
        if (this.tellsOfKeys) this.tellOfKeys(PROBE);
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
    channel: 'crm:bus',
    onMessage: (message) => this.heard.push(message),
    onMalformed: (text) => this.malformed.push(text),
    probeKey: 'crm:{}:probe:me',
    onKey: (key) => this.keys.push(`${key}${this.tracking.trusted ? '' : ' (not trusted)'}`),
    onUnsupported: (error) => this.unsupported.push(String(error)),
    onGap: () => {
      this.gaps += 1;
    },
    onRefused: (error) => this.refused.push(String(error)),
  });

  protected get listener(): { start(): void } {
    return this.tracking;
  }
}

describe('Tracking', () => {
  it('has the server redirect to the connection itself, and is trusted once a key is told of', async () => {
    const setup = await new Setup().begin();
    expect(setup.subscriber.calls).toEqual([
      'CLIENT ID',
      'CLIENT TRACKING ON REDIRECT 7 BCAST PREFIX app:crm:{',
    ]);
    expect(setup.tracking.trusted).toBe(true);
    expect(setup.gaps).toBe(1);
  });

  it('arms a connection once, however many prove it, and every new one anew', async () => {
    const setup = new Setup();
    setup.tracking.start();
    setup.subscriber.becomeReady();
    await Promise.all([setup.tracking.prove(), setup.clock.advance(0)]);
    expect(setup.subscriber.calls).toHaveLength(2);
    setup.subscriber.end();
    expect(setup.tracking.trusted).toBe(false);
    await setup.clock.advance(50);
    setup.subscriber.becomeReady();
    await setup.clock.advance(0);
    expect(setup.subscriber.calls).toHaveLength(2);
    expect(setup.gaps).toBe(2);
  });

  it('passes on every key of a message, and takes it for proof only after that', async () => {
    const setup = new Setup();
    setup.tellsOfKeys = false;
    await setup.begin();
    setup.tellOfKeys('app:crm:{acme/lead@1/a}', PROBE, 'app:crm:{acme/lead@1/b,c}');
    expect(setup.keys).toEqual([
      'crm:{acme/lead@1/a} (not trusted)',
      'crm:{acme/lead@1/b,c} (not trusted)',
    ]);
    await setup.clock.advance(0);
    expect(setup.tracking.trusted).toBe(true);
  });

  it('hears what others tell as well, for the server does not tell of what was not there', async () => {
    const setup = await new Setup().begin();
    const text = Buffer.from('1 other e crm:{acme/lead@1/k}');
    setup.subscriber.emit('messageBuffer', Buffer.from('crm:bus'), text);
    expect(setup.heard).toMatchObject([{ kind: 'entry', key: 'crm:{acme/lead@1/k}' }]);
    expect([...setup.subscriber.channels]).toEqual([
      '__redis__:invalidate',
      'crm:bus',
      'crm:bus:me',
    ]);
    expect(setup.malformed).toEqual([]);
  });

  it('takes null for everything', async () => {
    const setup = await new Setup().begin();
    setup.tellOfFlush();
    expect(setup.gaps).toBe(2);
    expect(setup.tracking.trusted).toBe(true);
  });

  it('does not take a key for proof of a sign of life whose message has not come yet', async () => {
    const setup = await new Setup().begin();
    setup.tellsOfKeys = false;
    const proving = setup.tracking.upToDate();
    await setup.clock.advance(0);
    setup.subscriber.emit('messageBuffer', OWN, Buffer.from(String(Number(setup.beat) - 1)));
    setup.tellOfKeys(PROBE);
    await setup.clock.advance(500);
    expect(await proving).toBe(false);
  });

  it.each(["NOPERM no permissions to run the 'client|tracking' command", 'ERR unknown command'])(
    'is given up when it is refused: %s',
    async (message) => {
      const setup = new Setup();
      setup.refusal = replyError(message);
      await setup.begin();
      expect(setup.unsupported).toEqual([expect.stringContaining(message)]);
      expect(setup.refused).toEqual([]);
      expect(setup.tracking.trusted).toBe(false);
    },
  );

  it('is given up when it is accepted and no key is told of though messages come', async () => {
    const setup = new Setup();
    setup.tellsOfKeys = false;
    await setup.begin();
    await setup.clock.advance(10_000);
    expect(setup.unsupported).toEqual([expect.stringContaining('nothing is told')]);
    expect(setup.tracking.trusted).toBe(false);
  });

  it('is not given up while the connection itself is silent', async () => {
    const setup = await new Setup().begin();
    setup.subscriber.hangs = true;
    setup.subscriber.removeAllListeners('messageBuffer');
    await setup.clock.advance(10_000);
    expect(setup.unsupported).toEqual([]);
    expect(setup.tracking.trusted).toBe(false);
  });

  it('is not given up because several ask between the message and the key of one sign of life', async () => {
    const setup = await new Setup().begin();
    setup.tellsOfKeys = false;
    const asked = Array.from({ length: 5 }, () => setup.tracking.upToDate());
    await setup.clock.advance(10);
    setup.tellOfKeys(PROBE);
    expect(await Promise.all(asked)).toEqual(asked.map(() => true));
    await setup.clock.advance(600);
    expect(setup.unsupported).toEqual([]);
  });

  it('counts those of which no key is told at the same time for one', async () => {
    const setup = await new Setup().begin();
    setup.tellsOfKeys = false;
    for (let i = 0; i < 5; i += 1) void setup.tracking.upToDate();
    await setup.clock.advance(600);
    expect(setup.tracking.trusted).toBe(false);
    // The messages of all of them came, so the connection is well.
    await setup.clock.advance(1_000);
    setup.tellsOfKeys = true;
    await setup.clock.advance(10_000);
    expect(setup.subscribers).toHaveLength(1);
    expect(setup.unsupported).toEqual([]);
    expect(setup.tracking.trusted).toBe(true);
  });

  it('is given up only for those in a row', async () => {
    const setup = await new Setup().begin();
    for (let i = 0; i < 3; i += 1) {
      setup.tellsOfKeys = false;
      await setup.clock.advance(3_200);
      setup.tellsOfKeys = true;
      await setup.clock.advance(3_000);
    }
    expect(setup.unsupported).toEqual([]);
    expect(setup.tracking.trusted).toBe(true);
  });

  it('keeps its connection while messages come, and makes another one when none do', async () => {
    const setup = await new Setup().begin();
    setup.tellsOfKeys = false;
    await setup.clock.advance(3_000);
    expect(setup.subscribers).toHaveLength(1);
    setup.subscriber.removeAllListeners('messageBuffer');
    await setup.clock.advance(3_000);
    expect(setup.subscribers).toHaveLength(2);
    expect(setup.unsupported).toEqual([]);
  });

  it('counts anew after one of which not even the message came', async () => {
    const setup = await new Setup().begin();
    setup.tellsOfKeys = false;
    await setup.clock.advance(3_200);
    setup.subscriber.removeAllListeners('messageBuffer');
    await setup.clock.advance(2_000);
    expect(setup.subscribers).toHaveLength(2);
    setup.subscriber.becomeReady();
    await setup.clock.advance(2_200);
    expect(setup.unsupported).toEqual([]);
    await setup.clock.advance(1_500);
    expect(setup.unsupported).toEqual([expect.stringContaining('nothing is told')]);
  });
});
