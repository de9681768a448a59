import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Which way bytes go. */
export type Direction = 'toServer' | 'toClient';

interface Toxins {
  /** New connections are closed at once. */
  cut: boolean;
  delayMs: number;
  /** Ways on which nothing arrives any more. */
  readonly swallowed: Set<Direction>;
}

/** A TCP proxy before a server, which fails on command as networks do. */
export class ToxicProxy {
  private readonly links = new Set<Link>();
  private readonly toxins: Toxins = { cut: false, delayMs: 0, swallowed: new Set() };

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
  ) {
    server.on('connection', (client) => this.onConnection(client));
    // A test that forgot to close it may end all the same.
    server.unref();
  }

  /** Begins to listen on a free port, before a server of this machine. */
  static async before(targetPort: number): Promise<ToxicProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ToxicProxy(server, targetPort);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `redis://127.0.0.1:${String(this.port)}`;
  }

  /** Connections that are open on the side of the clients. */
  get connections(): number {
    return this.links.size;
  }

  /** Connections that have subscribed to a channel, and hear. */
  get listeners(): number {
    return [...this.links].filter(({ hears }) => hears).length;
  }

  /** Closes every connection, and each new one at once. */
  cut(): void {
    this.toxins.cut = true;
    for (const link of this.links) link.end();
  }

  /** Lets all bytes arrive this much later, in order. */
  delay(ms: number): void {
    this.toxins.delayMs = ms;
  }

  /**
   * Lets nothing arrive any more on these ways, the end of a connection neither: half-open, if it is
   * one. A connection that has lost bytes stays lost; {@link heal} is for those that come later.
   */
  swallow(...directions: readonly [Direction, ...Direction[]]): void {
    for (const direction of directions) {
      this.toxins.swallowed.add(direction);
      for (const link of this.links) link.lose(direction);
    }
  }

  /** Lets nothing reach those any more that have subscribed to a channel; other connections are well. */
  swallowMessages(): void {
    for (const link of this.links) if (link.hears) link.lose('toClient');
  }

  /** New connections are well again, and nothing is delayed. */
  heal(): void {
    this.toxins.cut = false;
    this.toxins.delayMs = 0;
    this.toxins.swallowed.clear();
  }

  /** Ends every connection and stops to listen. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const link of this.links) link.end();
    await closed;
  }

  private onConnection(client: Socket): void {
    if (this.toxins.cut) {
      client.destroy();
      return;
    }
    const link = new Link(client, connect(this.targetPort, '127.0.0.1'), this.toxins);
    this.links.add(link);
    client.once('close', () => this.links.delete(link));
  }
}

/** One connection through the proxy. */
class Link {
  private hasSubscribed = false;
  private readonly lost: Set<Direction>;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly toxins: Toxins,
  ) {
    this.lost = new Set(toxins.swallowed);
    client.on('data', (bytes) => {
      this.hasSubscribed ||= bytes.includes('subscribe');
    });
    this.carry('toServer', client, server);
    this.carry('toClient', server, client);
    // Whoever has gone has no more use for the rest, however little the other side hears of it.
    client.once('close', () => server.destroy());
  }

  get hears(): boolean {
    return this.hasSubscribed && !this.lost.has('toClient');
  }

  lose(direction: Direction): void {
    this.lost.add(direction);
  }

  end(): void {
    this.client.destroy();
    this.server.destroy();
  }

  private carry(direction: Direction, from: Socket, to: Socket): void {
    from.setNoDelay(true);
    from.on('error', heardByClose);
    const waiting: { readonly bytes: Buffer; readonly dueAtMs: number }[] = [];
    const passDue = (): void => {
      for (let next = waiting[0]; next; next = waiting[0]) {
        const leftMs = next.dueAtMs - performance.now();
        if (leftMs > 0) {
          setTimeout(passDue, leftMs);
          return;
        }
        waiting.shift();
        this.pass(direction, next.bytes, to);
      }
    };
    from.on('data', (bytes) => {
      waiting.push({ bytes, dueAtMs: performance.now() + this.toxins.delayMs });
      if (waiting.length === 1) passDue();
    });
    from.once('close', () => {
      if (!this.lost.has(direction)) to.destroySoon();
    });
  }

  private pass(direction: Direction, bytes: Buffer, to: Socket): void {
    if (!this.lost.has(direction) && !to.destroyed) to.write(bytes);
  }
}

function heardByClose(): void {
  // A socket that fails closes, and that is listened for.
}
