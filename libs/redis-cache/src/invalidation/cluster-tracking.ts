import { failureKind } from '../connection/failure-kind.js';
import type { Clock } from '../resilience/clock.js';
import type { Listening } from './listener.js';

/** The masters of a Cluster, as this process knows them. */
export interface Masters {
  addresses(): readonly string[];
  /**
   * What they say of how the cluster is made up, as a text that changes with it.
   *
   * @throws one of them does not answer, or there are others than those that are known here
   */
  layout(): Promise<string>;
  /** Calls when another node becomes known, before it is used. @returns no longer */
  onAdded(listener: () => void): () => void;
}

/** What is to be told of the tracking on one master. */
export interface MasterNews {
  readonly onProven: () => void;
  readonly onLost: () => void;
  readonly onUnsupported: (error: unknown) => void;
}

/** What {@link ClusterTracking} works with. */
export interface ClusterTrackingParts {
  readonly bus: Listening;
  readonly masters: Masters;
  readonly trackingOf: (address: string, news: MasterNews) => Listening;
  readonly clock: Clock;
  /** Pause between two looks at the layout. */
  readonly heartbeatMs: number;
  /** Something may have been missed. */
  readonly onGap: () => void;
  /** Called once, when a master does not track: the bus is used alone from then on. */
  readonly onFallback: (error: unknown) => void;
}

/**
 * The bus of a Cluster, and beside it the word of each master of the keys that anybody changes, by a
 * connection to each. It is trusted while the bus is and every master that serves slots has proven
 * that it tells. Whenever the cluster is found to be made up differently, all of them have to prove it
 * anew.
 *
 * A slot that moves from one of them to another takes no keys along unseen: the former master tells
 * that they are gone.
 */
export class ClusterTracking implements Listening {
  private readonly trackings = new Map<string, Listening>();
  private readonly proven = new Set<Listening>();
  private readonly endings = new Set<Promise<void>>();
  private state: 'tracking' | 'given up' | 'closed' = 'tracking';
  /** Whether nothing stands against trust but the bus. */
  private complete = false;
  private layout: string | undefined;
  private looks = 0;
  private stopHearing: () => void = () => undefined;
  private stopTimer: () => void = () => undefined;

  constructor(private readonly parts: ClusterTrackingParts) {}

  get trusted(): boolean {
    return this.complete && this.parts.bus.trusted;
  }

  get hearsOthers(): boolean {
    return this.trusted;
  }

  get delayMs(): number | undefined {
    return this.parts.bus.delayMs;
  }

  /** Of what processes evict the bus tells. */
  upToDate(): Promise<boolean> {
    return this.parts.bus.upToDate();
  }

  start(): void {
    this.parts.bus.start();
    this.stopHearing = this.parts.masters.onAdded(() => {
      this.onNodeAdded();
    });
    this.lookLater();
  }

  distrust(): void {
    this.parts.bus.distrust();
    this.distrustMasters();
  }

  async proveWhenConnected(): Promise<boolean> {
    const tracking = this.look().then(() => this.prove());
    await Promise.all([this.parts.bus.proveWhenConnected(), tracking]);
    return this.trusted;
  }

  async close(): Promise<void> {
    this.state = 'closed';
    this.endTracking();
    await Promise.all([this.parts.bus.close(), ...this.endings]);
  }

  /** What is read from a node that was not known is not told of yet. */
  private onNodeAdded(): void {
    const known = this.parts.masters.addresses().every((address) => this.trackings.has(address));
    if (known || this.state !== 'tracking') return;
    this.doubt();
    void this.look();
  }

  /** Looks who the masters are, and has them prove that they tell, if others than before. */
  private async look(): Promise<void> {
    const look = ++this.looks;
    const layout = await this.parts.masters.layout().catch((error: unknown) => {
      // Of any other failure the connection takes note, and the next look may succeed.
      if (failureKind(error) === 'refused') this.giveUp(error);
      return undefined;
    });
    if (look !== this.looks || this.state !== 'tracking') return;
    if (layout === undefined) this.doubt();
    if (layout === undefined || layout === this.layout) return;
    this.distrustMasters();
    this.layout = layout;
    this.follow(new Set(this.parts.masters.addresses()));
    await this.prove();
  }

  private lookLater(): void {
    const { clock, heartbeatMs } = this.parts;
    const look = async (): Promise<void> => {
      await this.look();
      if (this.state === 'tracking') this.lookLater();
    };
    this.stopTimer = clock.schedule(heartbeatMs, () => void look(), { background: true });
  }

  private follow(addresses: ReadonlySet<string>): void {
    for (const address of this.trackings.keys()) {
      if (!addresses.has(address)) this.end(address);
    }
    for (const address of addresses) {
      if (!this.trackings.has(address)) this.track(address);
    }
  }

  private track(address: string): void {
    const tracking = this.parts.trackingOf(address, {
      onProven: () => {
        this.proven.add(tracking);
        this.completeIfProven();
      },
      onLost: () => {
        this.proven.delete(tracking);
        if (this.state === 'tracking') this.complete = false;
      },
      onUnsupported: (error) => {
        this.giveUp(error);
      },
    });
    this.trackings.set(address, tracking);
    tracking.start();
  }

  private completeIfProven(): void {
    const { layout, trackings, proven, complete } = this;
    if (complete || layout === undefined) return;
    if (![...trackings.values()].every((tracking) => proven.has(tracking))) return;
    this.parts.onGap();
    this.complete = true;
  }

  private async prove(): Promise<void> {
    const unproven = [...this.trackings.values()].filter(({ trusted }) => !trusted);
    await Promise.all(unproven.map((tracking) => tracking.proveWhenConnected()));
  }

  /** Nothing is known of who the masters are. */
  private doubt(): void {
    this.layout = undefined;
    this.complete = false;
  }

  private distrustMasters(): void {
    for (const tracking of this.trackings.values()) tracking.distrust();
  }

  private giveUp(error: unknown): void {
    if (this.state !== 'tracking') return;
    this.state = 'given up';
    this.complete = false;
    this.endTracking();
    this.parts.onFallback(error);
    this.parts.onGap();
    this.complete = true;
  }

  private endTracking(): void {
    this.stopHearing();
    this.stopTimer();
    for (const address of this.trackings.keys()) this.end(address);
  }

  private end(address: string): void {
    const ending = this.trackings.get(address)?.close();
    this.trackings.delete(address);
    if (!ending) return;
    this.endings.add(ending);
    void ending.then(() => this.endings.delete(ending));
  }
}
