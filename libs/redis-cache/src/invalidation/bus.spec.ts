import { Gate } from '../../../../test/support/gate.js';
import { Bus } from './bus.js';
import type { Heard } from './coherence.js';
import { ListenerSetup } from './listener-setup.fixture.js';
import type { Voice } from './voice.js';

/** One that only publishes. */
function voice(publish: Voice['publish']): Voice {
  return { publish, spublish: publish, touch: () => Promise.resolve() };
}

/** A bus whose server passes on what is published, unless the test has it swallow it. */
class Setup extends ListenerSetup {
  readonly heard: Heard[] = [];
  readonly malformed: string[] = [];
  gaps = 0;
  swallows = false;
  publishFails = false;
  nowhere = false;
  /** What becomes of what is published, instead. */
  publishing: (() => Promise<void>) | undefined;
  readonly bus = new Bus({
    openSubscriber: () => (this.nowhere ? undefined : this.open()),
    voice: voice((channel, message) => this.publish(channel, message)),
    channel: 'test:bus',
    origin: 'me',
    clock: this.clock,
    backoff: (attempt) => 50 * attempt,
    heartbeatMs: 1_000,
    silenceMs: 500,
    onMessage: (message) => this.heard.push(message),
    onMalformed: (text) => this.malformed.push(text),
    onGap: () => {
      this.gaps += 1;
    },
    onRefused: () => undefined,
  });

  publish(channel: string, message: string): Promise<void> {
    if (this.publishing) return this.publishing();
    if (this.publishFails) return Promise.reject(new Error('away'));
    const { subscriber } = this;
    if (!this.swallows && subscriber.channels.has(channel)) {
      subscriber.emit('message', channel, message);
    }
    return Promise.resolve();
  }

  /** A sign of life comes back that was swallowed. */
  comeBack(beat: string): void {
    this.subscriber.emit('message', 'test:bus:me', beat);
  }

  protected get listener(): { start(): void } {
    return this.bus;
  }
}

describe('Bus', () => {
  it.each<[string, (setup: Setup) => unknown]>([
    ['that has ended', ({ subscriber }) => subscriber.end()],
    ['that it has closed itself', ({ bus }) => bus.close()],
  ])('does not disconnect a connection %s: a timer of ioredis would stay', async (_, end) => {
    const setup = new Setup();
    setup.bus.start();
    setup.subscriber.becomeReady();
    await setup.clock.advance(0);
    const disconnect = jest.spyOn(setup.subscriber, 'disconnect');
    await end(setup);
    expect(disconnect).not.toHaveBeenCalled();
  });

  it('is trusted once a message to itself came back, and whatever was kept before is let go first', async () => {
    const setup = new Setup();
    setup.bus.start();
    expect(setup.bus.trusted).toBe(false);
    setup.subscriber.becomeReady();
    await setup.clock.advance(0);
    expect(setup.bus.trusted).toBe(true);
    expect(setup.gaps).toBe(1);
    expect([...setup.subscriber.channels]).toEqual(['test:bus', 'test:bus:me']);
  });

  it('stays trusted, with nothing let go, as long as its signs of life come back', async () => {
    const setup = await new Setup().begin();
    await setup.clock.advance(60_000);
    expect(setup.bus.trusted).toBe(true);
    expect(setup.gaps).toBe(1);
  });

  it('passes on what others tell, and neither its own messages nor what is none', async () => {
    const setup = await new Setup().begin();
    const stamp = `${'ab'.repeat(8)}:1700000000000`;
    for (const text of [
      '1 other e crm:{acme/lead@1/k}',
      `1 other s crm:{acme}:stamp ${stamp}`,
      '1 me e crm:{acme/lead@1/k}',
      '2 other e crm:{acme/lead@1/k}',
      '1 other s crm:{acme}:stamp nonsense',
      '1 other x k',
      '',
    ]) {
      await setup.publish('test:bus', text);
    }
    expect(setup.heard).toEqual([
      { kind: 'entry', origin: 'other', key: 'crm:{acme/lead@1/k}' },
      {
        kind: 'stamp',
        origin: 'other',
        key: 'crm:{acme}:stamp',
        stamp: { id: 'ab'.repeat(8), madeAtMs: 1_700_000_000_000 },
      },
    ]);
    expect(setup.malformed).toHaveLength(4);
  });

  it('passes on each of several messages that come as one, and leaves out what of them is none', async () => {
    const setup = await new Setup().begin();
    const of = (origin: string, ...keys: string[]) => keys.map((key) => `1 ${origin} e ${key}`);
    await setup.publish(
      'test:bus',
      [...of('other', 'a', 'b'), 'nonsense', ...of('-', 'c')].join('\n'),
    );
    await setup.publish('test:bus', of('me', 'd', 'e').join('\n'));
    await setup.publish('test:bus', [...of('me', 'f'), ...of('other', 'g')].join('\n'));
    expect(setup.heard).toEqual([
      { kind: 'entry', origin: 'other', key: 'a' },
      { kind: 'entry', origin: 'other', key: 'b' },
      { kind: 'entry', origin: '-', key: 'c' },
      { kind: 'entry', origin: 'other', key: 'g' },
    ]);
    expect(setup.malformed).toEqual(['nonsense']);
  });

  it('passes on the entry that is told with its name, whatever it says', async () => {
    const setup = await new Setup().begin();
    const text = '\u0001rc2header{"name":"1 other e k","text":"a  b "}';
    for (const ending of [` AbC-_ ${text}`, ' AbC-_ ', ' AbC-', ' A bC', ' ']) {
      await setup.publish('test:bus', `1 other e k${ending}`);
    }
    const message = { kind: 'entry', origin: 'other', key: 'k' };
    // By its digits: 0, 27, 2, 62 and 63.
    const after = ((27 * 64 + 2) * 64 + 62) * 64 + 63;
    expect(setup.heard).toEqual([
      { ...message, successor: { after, text } },
      { ...message, successor: { after, text: '' } },
      message,
      message,
      message,
    ]);
    expect(setup.malformed).toEqual([]);
  });

  it('is not trusted from the moment its connection ends, and again once a new one is proven', async () => {
    const setup = await new Setup().begin();
    setup.subscriber.end();
    expect(setup.bus.trusted).toBe(false);
    await setup.clock.advance(50);
    expect(setup.subscribers).toHaveLength(2);
    setup.subscriber.becomeReady();
    await setup.clock.advance(0);
    expect(setup.bus.trusted).toBe(true);
    expect(setup.gaps).toBe(2);
  });

  it('gets a new connection also when the one it had ends amid a proof', async () => {
    const setup = await new Setup().begin();
    setup.swallows = true;
    const proving = setup.bus.prove();
    await setup.clock.advance(0);
    setup.subscriber.end();
    expect(await proving).toBe(false);
    setup.swallows = false;
    await setup.clock.advance(50);
    expect(setup.subscribers).toHaveLength(2);
    setup.subscriber.becomeReady();
    await setup.clock.advance(0);
    expect(setup.bus.trusted).toBe(true);
  });

  it('notices a connection that is open and passes nothing on, within heartbeat and silence', async () => {
    const setup = await new Setup().begin();
    setup.swallows = true;
    setup.subscriber.hangs = true;
    await setup.clock.advance(1_499);
    expect(setup.bus.trusted).toBe(true);
    await setup.clock.advance(1);
    expect(setup.bus.trusted).toBe(false);
    setup.swallows = false;
    await setup.clock.advance(50);
    setup.subscriber.becomeReady();
    await setup.clock.advance(0);
    expect(setup.bus.trusted).toBe(true);
    expect(setup.gaps).toBe(2);
  });

  it('notices a connection that hangs before it has subscribed, and makes a new one', async () => {
    const setup = new Setup();
    setup.bus.start();
    setup.subscriber.hangs = true;
    setup.subscriber.becomeReady();
    await setup.clock.advance(500);
    expect(setup.bus.trusted).toBe(false);
    await setup.clock.advance(1_000 + 500 + 50);
    expect(setup.subscribers).toHaveLength(2);
  });

  it('does not wait for ever for a connection that is open and never ready', async () => {
    const setup = new Setup();
    setup.bus.start();
    setup.subscriber.emit('connect');
    await setup.clock.advance(1_999);
    expect(setup.subscribers).toHaveLength(1);
    await setup.clock.advance(1 + 50);
    expect(setup.subscribers).toHaveLength(2);

    setup.subscriber.emit('connect');
    await setup.clock.advance(1_999);
    setup.subscriber.becomeReady();
    await setup.clock.advance(10_000);
    expect(setup.subscribers).toHaveLength(2);
    expect(setup.bus.trusted).toBe(true);
  });

  it('is not trusted while it cannot publish, and tries on', async () => {
    const setup = new Setup();
    setup.publishFails = true;
    await setup.begin();
    expect(setup.bus.trusted).toBe(false);
    setup.publishFails = false;
    await setup.clock.advance(1_000);
    expect(setup.bus.trusted).toBe(true);
  });

  it('does not take the echo of an earlier sign of life for that of a later one', async () => {
    const setup = await new Setup().begin();
    setup.swallows = true;
    const proving = setup.bus.prove();
    await setup.clock.advance(0);
    setup.subscriber.emit('message', 'test:bus:me', '1');
    await setup.clock.advance(500);
    expect(await proving).toBe(false);
  });

  it('lets the proof that began last decide', async () => {
    const setup = await new Setup().begin();
    setup.swallows = true;
    const first = setup.bus.prove();
    await setup.clock.advance(0);
    setup.swallows = false;
    expect(await setup.bus.prove()).toBe(true);
    expect(await first).toBe(true);
    expect(setup.bus.trusted).toBe(true);
  });

  it('waits for its connection, to be proven when it is there', async () => {
    const setup = new Setup();
    setup.bus.start();
    const proven = setup.bus.proveWhenConnected();
    setup.subscriber.becomeReady();
    expect(await proven).toBe(true);
  });

  it('waits for that no longer than a sign of life may take', async () => {
    const setup = new Setup();
    setup.bus.start();
    const proven = setup.bus.proveWhenConnected();
    await setup.clock.advance(500);
    expect(await proven).toBe(false);
  });

  it('looks for somewhere to connect to until there is', async () => {
    const setup = new Setup();
    setup.nowhere = true;
    setup.bus.start();
    await setup.clock.advance(100);
    expect(setup.subscribers).toHaveLength(0);
    setup.nowhere = false;
    await setup.clock.advance(1_000);
    expect(setup.subscribers).toHaveLength(1);
  });

  it('does not wait for ever for a connection that hangs while it is closed', async () => {
    const setup = await new Setup().begin();
    setup.subscriber.hangs = true;
    const closing = setup.bus.close();
    await setup.clock.advance(500);
    await closing;
    expect(setup.subscriber.status).toBe('end');
    expect(setup.clock.pending).toBe(0);
  });

  it('leaves no timer and no connection behind when it is closed', async () => {
    const setup = await new Setup().begin();
    await setup.bus.close();
    expect(setup.bus.trusted).toBe(false);
    expect(setup.subscriber.status).toBe('end');
    expect(setup.clock.pending).toBe(0);
    setup.subscriber.end();
    setup.bus.start();
    await setup.clock.advance(10_000);
    expect(setup.subscribers).toHaveLength(1);
  });

  it('is up to date once it has heard what it has sent since it was asked, whoever asks meanwhile', async () => {
    const setup = await new Setup().begin();
    setup.swallows = true;
    const said: string[] = [];
    for (const name of ['first', 'second', 'third']) {
      void setup.bus.upToDate().then((is) => said.push(`${name} ${is}`));
    }
    await setup.clock.advance(100);
    expect(said).toEqual([]);
    setup.comeBack('2');
    await setup.clock.advance(0);
    expect(said).toEqual(['first true']);
    setup.comeBack('4');
    await setup.clock.advance(0);
    expect(said).toEqual(['first true', 'second true', 'third true']);
  });

  it('notices that nothing comes back however often it is asked whether it is up to date', async () => {
    const setup = await new Setup().begin();
    setup.swallows = true;
    const said: boolean[] = [];
    for (let i = 0; i < 6; i += 1) {
      void setup.bus.upToDate().then((is) => said.push(is));
      await setup.clock.advance(100);
    }
    expect(setup.bus.trusted).toBe(false);
    expect(said).toEqual([false, false]);
  });

  it('stays trusted if one of several signs of life cannot be sent and a later one is heard', async () => {
    const setup = await new Setup().begin();
    const refused = new Gate();
    setup.publishing = () => refused.pass().then(() => Promise.reject(new Error('away')));
    const first = setup.bus.upToDate();
    setup.publishing = undefined;
    expect(await setup.bus.upToDate()).toBe(true);
    refused.open();
    expect(await first).toBe(true);
    expect(setup.gaps).toBe(1);
  });

  it('is not proven by a sign of life that was sent before it was distrusted', async () => {
    const setup = await new Setup().begin();
    setup.swallows = true;
    const proving = setup.bus.prove();
    await setup.clock.advance(0);
    setup.bus.distrust();
    setup.comeBack('2');
    expect(await proving).toBe(false);
    expect(setup.bus.trusted).toBe(false);
    setup.swallows = false;
    expect(await setup.bus.prove()).toBe(true);
    expect(setup.gaps).toBe(2);
  });

  it.each<[string, (setup: Setup) => Promise<boolean>]>([
    ['a put, which asks whether it is up to date,', ({ bus }) => bus.upToDate()],
    [
      'a recovery',
      ({ bus }) => {
        bus.distrust();
        return bus.proveWhenConnected();
      },
    ],
  ])('replaces a half-open connection also when %s has found it silent', async (_, find) => {
    const setup = await new Setup().begin();
    setup.swallows = true;
    const found = find(setup);
    await setup.clock.advance(500);
    expect(await found).toBe(false);
    await setup.clock.advance(1_000 + 50);
    expect(setup.subscribers).toHaveLength(2);
  });

  it('replaces one also while it is asked all the time', async () => {
    const setup = await new Setup().begin();
    setup.swallows = true;
    for (let i = 0; i < 20; i += 1) {
      void setup.bus.upToDate();
      await setup.clock.advance(100);
    }
    expect(setup.subscribers).toHaveLength(2);
  });

  it('keeps its connection while nothing can be published: that says nothing of it', async () => {
    const setup = await new Setup().begin();
    setup.publishFails = true;
    await setup.clock.advance(10_000);
    expect(setup.bus.trusted).toBe(false);
    setup.publishFails = false;
    await setup.clock.advance(1_000);
    expect(setup.bus.trusted).toBe(true);
    expect(setup.subscribers).toHaveLength(1);
  });

  it('keeps a connection over which a sign of life has come late', async () => {
    const setup = await new Setup().begin();
    setup.swallows = true;
    const asked = setup.bus.upToDate();
    await setup.clock.advance(600);
    expect(await asked).toBe(false);
    setup.comeBack('2');
    setup.publishFails = true;
    await setup.clock.advance(1_000);
    expect(setup.subscribers).toHaveLength(1);
  });

  it('gets a new connection also when the one it had ends as a sign of life comes back', async () => {
    const setup = await new Setup().begin();
    setup.swallows = true;
    const proving = setup.bus.prove();
    await setup.clock.advance(0);
    setup.comeBack('2');
    setup.subscriber.end();
    expect(await proving).toBe(false);
    await setup.clock.advance(50);
    expect(setup.subscribers).toHaveLength(2);
  });
});
