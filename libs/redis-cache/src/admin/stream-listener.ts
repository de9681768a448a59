import type { AdminEvents, AdminPrincipal } from './admin.contract.js';

/** What a listener is written to: the response of Node, or a test's. */
export interface StreamSink {
  /** @returns false when it is full */
  write(text: string): boolean;
  end(): unknown;
  destroy(): unknown;
  on(event: 'drain' | 'close' | 'error', listener: () => void): unknown;
}

/**
 * Somebody who listens. Nothing is queued: while the sink is full nothing is written, and what comes
 * meanwhile is looked up in the log once it has drained.
 */
export class StreamListener {
  private fullSinceMs: number | undefined;

  constructor(
    readonly principal: AdminPrincipal,
    private readonly sink: StreamSink,
    private seenId: number,
    readonly openedAtMs: number,
  ) {}

  /** @param onReady the sink has drained */
  listen(onReady: () => void, onClosed: () => void): void {
    this.sink.on('drain', () => {
      this.fullSinceMs = undefined;
      onReady();
    });
    this.sink.on('close', onClosed);
    this.sink.on('error', onClosed);
  }

  /** The id of the event up to which it knows all that it may. */
  get seen(): number {
    return this.seenId;
  }

  get full(): boolean {
    return this.fullSinceMs !== undefined;
  }

  /** For how long it has taken nothing. */
  fullForMs(nowMs: number): number {
    return this.fullSinceMs === undefined ? 0 : nowMs - this.fullSinceMs;
  }

  /** @param last the id up to which these were looked up */
  tellEvents(events: AdminEvents, last: number, nowMs: number): void {
    this.seenId = last;
    const id = events.events.at(-1)?.id;
    if (id === undefined && !events.gap) return;
    // Without an event there is no id: that of somebody else's is not to be told.
    const line = id === undefined ? '' : `id: ${id}\n`;
    this.write(`${line}event: events\ndata: ${JSON.stringify(events)}\n\n`, nowMs);
  }

  /** @param json figures as JSON */
  tellFigures(json: string, nowMs: number): void {
    this.write(`event: figures\ndata: ${json}\n\n`, nowMs);
  }

  write(text: string, nowMs: number): void {
    if (!this.sink.write(text)) this.fullSinceMs ??= nowMs;
  }

  /** What a full sink has not taken is not waited for. */
  end(): void {
    if (this.full) this.sink.destroy();
    else this.sink.end();
  }
}
