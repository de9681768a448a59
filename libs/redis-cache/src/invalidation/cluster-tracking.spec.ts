import { FakeClock } from '../../../../test/support/fake-clock.js';
import { replyError } from '../../../../test/support/fake-redis-client.js';
import { Gate } from '../../../../test/support/gate.js';
import { FarUnavailableError } from '../errors/far-tier.error.js';
import { ClusterTracking, type MasterNews } from './cluster-tracking.js';
import type { Listening } from './listener.js';

/** Proven and lost by the test. */
class FakeListening implements Listening {
  trusted = false;
  readonly hearsOthers = true;
  delayMs: number | undefined;
  upToDate = () => Promise.resolve(this.trusted);
  started = false;
  closed = false;

  constructor(
    private readonly news?: MasterNews,
    /** Whether it is proven when it is asked to be. */
    public tells = true,
  ) {}

  start(): void {
    this.started = true;
  }

  distrust(): void {
    this.trusted = false;
    this.news?.onLost();
  }

  proveWhenConnected(): Promise<boolean> {
    if (this.tells) this.prove();
    return Promise.resolve(this.trusted);
  }

  prove(): void {
    if (!this.trusted) this.news?.onProven();
    this.trusted = true;
  }

  close(): Promise<void> {
    this.closed = true;
    this.distrust();
    return Promise.resolve();
  }
}

class Setup {
  readonly clock = new FakeClock();
  readonly bus = new FakeListening();
  readonly made: { address: string; master: FakeListening; news: MasterNews }[] = [];
  readonly fallbacks: string[] = [];
  addresses = ['a', 'b'];
  layout: () => Promise<string> = () => Promise.resolve(this.addresses.join());
  added: (() => void) | undefined;
  gaps = 0;
  tells = true;
  readonly tracking = new ClusterTracking({
    bus: this.bus,
    masters: {
      addresses: () => this.addresses,
      layout: () => this.layout(),
      onAdded: (listener) => {
        this.added = listener;
        return () => {
          this.added = undefined;
        };
      },
    },
    trackingOf: (address, news) => {
      const master = new FakeListening(news, this.tells);
      this.made.push({ address, master, news });
      return master;
    },
    clock: this.clock,
    heartbeatMs: 1_000,
    onGap: () => {
      this.gaps += this.tracking.trusted ? NaN : 1;
    },
    onFallback: (error) => this.fallbacks.push(String(error)),
  });

  /** The latest that was made for an address. */
  master(address: string): FakeListening {
    return this.made.findLast((it) => it.address === address)?.master as FakeListening;
  }

  async begin(): Promise<this> {
    this.tracking.start();
    await this.tracking.proveWhenConnected();
    return this;
  }

  async becomeKnown(...addresses: string[]): Promise<void> {
    this.addresses = addresses;
    this.added?.();
    await this.clock.advance(0);
  }
}

describe('ClusterTracking', () => {
  it('is trusted once the bus and every master have proven themselves, and not before', async () => {
    const setup = new Setup();
    setup.tells = false;
    await setup.begin();
    expect(setup.made.map(({ address, master }) => [address, master.started])).toEqual([
      ['a', true],
      ['b', true],
    ]);
    setup.master('a').prove();
    expect(setup.tracking.trusted).toBe(false);
    expect(setup.gaps).toBe(0);
    setup.master('b').prove();
    expect(setup.tracking.trusted).toBe(true);
    expect(setup.gaps).toBe(1);
    setup.bus.distrust();
    expect(setup.tracking).toMatchObject({ trusted: false, hearsOthers: false });
  });

  it('is not trusted while one master is not, and starts empty when that is proven again', async () => {
    const setup = await new Setup().begin();
    setup.master('b').distrust();
    expect(setup.tracking.trusted).toBe(false);
    setup.master('b').prove();
    expect(setup.tracking.trusted).toBe(true);
    expect(setup.gaps).toBe(2);
  });

  it('has every master prove itself anew when the cluster is made up differently', async () => {
    const setup = await new Setup().begin();
    setup.layout = () => Promise.resolve('another epoch');
    for (const { master } of setup.made) master.tells = false;
    await setup.clock.advance(1_000);
    expect(setup.tracking.trusted).toBe(false);
    setup.master('a').prove();
    expect(setup.tracking.trusted).toBe(false);
    setup.master('b').prove();
    expect(setup.tracking.trusted).toBe(true);
    expect(setup.gaps).toBe(2);
    expect(setup.made).toHaveLength(2);
  });

  it('tracks on a replica that has taken over, and on its former master no more', async () => {
    const setup = await new Setup().begin();
    setup.addresses = ['a', 'c'];
    await setup.clock.advance(1_000);
    expect(setup.made.map(({ address }) => address)).toEqual(['a', 'b', 'c']);
    expect(setup.master('b').closed).toBe(true);
    expect(setup.tracking.trusted).toBe(true);
    expect(setup.gaps).toBe(2);
  });

  it('is not trusted from the moment at which a master becomes known', async () => {
    const setup = await new Setup().begin();
    setup.addresses = ['a', 'b', 'c'];
    setup.added?.();
    expect(setup.tracking.trusted).toBe(false);
    await setup.clock.advance(0);
    expect(setup.tracking.trusted).toBe(true);
    expect(setup.master('c').trusted).toBe(true);
    expect(setup.gaps).toBe(2);
  });

  it('does not mind a replica that becomes known', async () => {
    const setup = await new Setup().begin();
    await setup.becomeKnown('a', 'b');
    expect(setup.tracking.trusted).toBe(true);
    expect(setup.gaps).toBe(1);
  });

  it('is not trusted while it cannot be found out who the masters are', async () => {
    const setup = await new Setup().begin();
    const { layout } = setup;
    setup.layout = () => Promise.reject(new FarUnavailableError('not all are known'));
    await setup.clock.advance(1_000);
    expect(setup.tracking.trusted).toBe(false);
    expect(setup.fallbacks).toEqual([]);
    setup.layout = layout;
    await setup.clock.advance(1_000);
    expect(setup.tracking.trusted).toBe(true);
    expect(setup.gaps).toBe(2);
  });

  it('goes by the latest answer when two are under way', async () => {
    const setup = await new Setup().begin();
    const earlier = new Gate();
    setup.layout = () => earlier.pass().then(() => 'earlier');
    const proving = setup.tracking.proveWhenConnected();
    setup.layout = () => Promise.resolve('later');
    await setup.clock.advance(1_000);
    setup.addresses = ['c'];
    earlier.open();
    await proving;
    expect(setup.made).toHaveLength(2);
    expect(setup.tracking.trusted).toBe(true);
  });

  it('proves all of it anew when Redis recovers', async () => {
    const setup = await new Setup().begin();
    setup.tracking.distrust();
    expect(setup.tracking.trusted).toBe(false);
    expect(setup.made.map(({ master }) => master.trusted)).toEqual([false, false]);
    await expect(setup.tracking.proveWhenConnected()).resolves.toBe(true);
    expect(setup.gaps).toBe(2);
  });

  it('goes over to the bus alone, once and for good, when a master does not track', async () => {
    const setup = await new Setup().begin();
    for (const { news } of setup.made) news.onUnsupported(replyError('NOPERM'));
    expect(setup.fallbacks).toEqual(['ReplyError: NOPERM']);
    expect(setup.made.map(({ master }) => master.closed)).toEqual([true, true]);
    expect(setup.gaps).toBe(2);
    expect(setup.tracking.trusted).toBe(true);
    expect(setup.added).toBeUndefined();
    setup.tracking.distrust();
    expect(setup.tracking.trusted).toBe(false);
    await expect(setup.tracking.proveWhenConnected()).resolves.toBe(true);
    await setup.clock.advance(10_000);
    expect(setup.made).toHaveLength(2);
  });

  it('goes over to the bus when it may not ask how the cluster is made up', async () => {
    const setup = new Setup();
    setup.layout = () => Promise.reject(replyError("NOPERM the 'cluster|info' command"));
    await setup.begin();
    expect(setup.fallbacks).toEqual([expect.stringContaining('cluster|info')]);
    expect(setup.tracking.trusted).toBe(true);
  });

  it('asks the bus for what processes have evicted', async () => {
    const setup = await new Setup().begin();
    setup.bus.delayMs = 3;
    setup.bus.trusted = false;
    expect(setup.tracking.delayMs).toBe(3);
    await expect(setup.tracking.upToDate()).resolves.toBe(false);
  });

  it('closes all of it, and looks no more', async () => {
    const setup = await new Setup().begin();
    await setup.tracking.close();
    expect([setup.bus, ...setup.made.map(({ master }) => master)]).toEqual(
      Array(3).fill(expect.objectContaining({ closed: true })),
    );
    expect(setup.added).toBeUndefined();
    expect(setup.tracking.trusted).toBe(false);
    setup.addresses = ['c'];
    await setup.clock.advance(10_000);
    expect(setup.made).toHaveLength(2);
  });
});
