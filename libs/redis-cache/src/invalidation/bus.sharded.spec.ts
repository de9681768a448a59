import { replyError } from '../../../../test/support/fake-redis-client.js';
import { Bus, type ShardChannel } from './bus.js';
import type { Heard } from './coherence.js';
import { ListenerSetup } from './listener-setup.fixture.js';

const STAMP = `${'ab'.repeat(8)}:1700000000000`;
const RENEWAL = `1 other s crm:{acme}:stamp ${STAMP}`;

/** The bus of a cluster whose server passes on what is published. */
class Setup extends ListenerSetup {
  readonly heard: Heard[] = [];
  readonly refused: string[] = [];
  readonly said: string[] = [];
  refusal: Error | undefined;
  spublishRefusal: Error | undefined;
  moved = 0;
  missing = 0;
  home = true;
  readonly bus: Bus;

  constructor(shard: Partial<ShardChannel> = {}) {
    super();
    this.bus = new Bus({
      openSubscriber: () => this.open('ssubscribe', this.refusal),
      voice: {
        publish: (channel, message) => this.tell('message', channel, message),
        spublish: (channel, message) =>
          this.spublishRefusal
            ? Promise.reject(this.spublishRefusal)
            : this.tell('smessage', channel, message),
        touch: () => Promise.resolve(),
      },
      channel: 'crm:bus',
      shard: {
        name: '{crm}:bus',
        speak: true,
        isHome: () => this.home,
        onMoved: () => (this.moved += 1),
        onMissing: () => (this.missing += 1),
        ...shard,
      },
      origin: 'me',
      clock: this.clock,
      backoff: () => 50,
      heartbeatMs: 1_000,
      silenceMs: 500,
      onMessage: (message) => this.heard.push(message),
      onMalformed: (text) => this.heard.push({ kind: 'entry', key: `malformed: ${text}` }),
      onGap: () => undefined,
      onRefused: (error) => this.refused.push(String(error)),
    });
  }

  tell(event: 'message' | 'smessage', channel: string, text: string): Promise<void> {
    this.said.push(`${event} ${channel}`);
    if (this.subscriber.channels.has(channel)) this.subscriber.emit(event, channel, text);
    return Promise.resolve();
  }

  protected get listener(): { start(): void } {
    return this.bus;
  }
}

describe('Bus, in a cluster', () => {
  it('listens to both channels, and speaks on that of the shard once it hears itself there', async () => {
    const setup = new Setup();
    expect(setup.bus.shardChannel).toBeUndefined();
    await setup.begin();
    expect([...setup.subscriber.channels].sort()).toEqual([
      'crm:bus',
      'crm:bus:me',
      '{crm}:bus',
      '{crm}:bus:me',
    ]);
    expect(setup.said).toEqual(['smessage {crm}:bus:me']);
    expect(setup.bus.shardChannel).toBe('{crm}:bus');
    setup.bus.distrust();
    expect(setup.bus.shardChannel).toBeUndefined();
  });

  it('listens only, where it is told not to speak there', async () => {
    const setup = await new Setup({ speak: false }).begin();
    expect(setup.said).toEqual(['message crm:bus:me']);
    expect(setup.bus).toMatchObject({ trusted: true, shardChannel: undefined });
    expect(setup.subscriber.channels.has('{crm}:bus')).toBe(true);
  });

  it.each(['message', 'smessage'] as const)(
    'does not believe which stamp a %s tells of, since it may have been overtaken',
    async (event) => {
      const setup = await new Setup().begin();
      await setup.tell(event, event === 'message' ? 'crm:bus' : '{crm}:bus', RENEWAL);
      expect(setup.heard).toEqual([{ kind: 'stamp', key: 'crm:{acme}:stamp' }]);
    },
  );

  it('goes by plain pub/sub, and believes it, where the server has no other', async () => {
    const setup = new Setup();
    setup.refusal = replyError("ERR unknown command 'ssubscribe', with args beginning with: ");
    await setup.begin();
    expect(setup.missing).toBe(1);
    expect(setup.bus).toMatchObject({ trusted: true, shardChannel: undefined });
    await setup.tell('message', 'crm:bus', RENEWAL);
    expect(setup.heard).toMatchObject([{ stamp: { id: 'ab'.repeat(8) } }]);
  });

  it('is not trusted where it may not listen to a channel that others may speak on', async () => {
    const setup = new Setup();
    setup.refusal = replyError(
      "NOPERM this user has no permissions to run the 'ssubscribe' command",
    );
    await setup.begin();
    expect(setup.bus.trusted).toBe(false);
    expect(setup.refused).toEqual([expect.stringContaining('NOPERM')]);
    setup.refusal = undefined;
    await setup.clock.advance(1_050);
    setup.subscriber.becomeReady();
    await setup.clock.advance(0);
    expect(setup.bus.trusted).toBe(true);
  });

  it('speaks plainly where it may not speak on the shard channel', async () => {
    const setup = new Setup();
    setup.spublishRefusal = replyError('NOPERM this user may not');
    await setup.begin();
    expect(setup.bus).toMatchObject({ trusted: true, shardChannel: undefined });
    expect(setup.refused).toHaveLength(1);
    await setup.clock.advance(5_000);
    expect(setup.refused).toHaveLength(1);
  });

  it('listens elsewhere as soon as the slot of the channel has moved', async () => {
    const setup = await new Setup().begin();
    setup.subscriber.emit('moved');
    expect(setup.bus.trusted).toBe(false);
    expect(setup.moved).toBe(1);
    await setup.clock.advance(50);
    expect(setup.subscribers).toHaveLength(2);
  });

  it('listens elsewhere when it comes to know that it is not where the slot is served', async () => {
    const setup = await new Setup().begin();
    setup.home = false;
    await setup.clock.advance(1_050);
    expect(setup.bus.trusted).toBe(false);
    expect(setup.subscribers).toHaveLength(2);
  });

  it('listens anew when its connection has got out of step', async () => {
    const setup = await new Setup().begin();
    setup.subscriber.emit('error', new Error('Command queue state error.'));
    expect(setup.bus.trusted).toBe(false);
    await setup.clock.advance(50);
    expect(setup.subscribers).toHaveLength(2);
  });
});
