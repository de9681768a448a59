import type { Clock } from '../resilience/clock.js';

/** What {@link SignsOfLife} work with. */
export interface SignsOfLifeParts {
  readonly clock: Clock;
  /** How long one may be on its way. */
  readonly silenceMs: number;
  /**
   * Called for one that the server has taken and that did not come back in time.
   *
   * @returns whether that is the fault of the connection
   */
  readonly onMissed: (beat: string) => boolean;
}

/**
 * Signs of life on their way, in the order in which they are sent. Several may be: each is given its
 * own time, whoever sends another one meanwhile.
 */
export class SignsOfLife {
  private readonly onTheWay = new Map<number, (heard: boolean) => void>();
  private sent = 0;
  /** The latest that has come back, in time or not. */
  private latestHeard = 0;
  /** The latest that was missed by the fault of the connection. */
  private latestMissed = 0;
  /** The latest of those that say nothing of the connection in use. */
  private latestGivenUp = 0;
  private lastDelayMs: number | undefined;

  constructor(private readonly parts: SignsOfLifeParts) {}

  /** How long the last one that was heard took; undefined before the first. */
  get delayMs(): number | undefined {
    return this.lastDelayMs;
  }

  /** Whether the server takes them, and the connection in use passes none of them on. */
  get areSwallowed(): boolean {
    return this.latestMissed > Math.max(this.latestHeard, this.latestGivenUp);
  }

  /**
   * Sends one.
   *
   * @returns whether it is heard in time
   * @throws what `say` does, unless its time is over by then
   */
  async send(say: (beat: string) => Promise<unknown>): Promise<boolean> {
    const beat = ++this.sent;
    let isLate = false;
    let isTaken = false;
    const missIfTaken = (): void => {
      if (isLate && isTaken) this.miss(beat);
    };
    const over = this.wait(beat, () => {
      isLate = true;
      missIfTaken();
    });
    const taken = say(String(beat)).then(() => {
      isTaken = true;
      missIfTaken();
      return over;
    });
    try {
      return await Promise.race([over, taken]);
    } finally {
      // One that could not be sent is not waited for.
      this.onTheWay.get(beat)?.(false);
    }
  }

  /** One has come back. What is told comes in order, so those before it have as well, or never will. */
  hear(beat: string): void {
    const latest = Number(beat);
    if (!(latest <= this.sent)) return;
    this.latestHeard = Math.max(this.latestHeard, latest);
    // They stand in the order in which they were sent: those that are later need not be looked at.
    for (const [each, end] of this.onTheWay) {
      if (each > latest) break;
      end(true);
    }
  }

  /** The connection by which they were to come back is not in use any more. */
  giveUp(): void {
    this.latestGivenUp = this.sent;
    for (const end of this.onTheWay.values()) end(false);
  }

  private wait(beat: number, onLate: () => void): Promise<boolean> {
    const { clock, silenceMs } = this.parts;
    const sentAtMs = clock.nowMs();
    return new Promise((resolve) => {
      const end = (heard: boolean): void => {
        cancel();
        if (heard) this.lastDelayMs = clock.nowMs() - sentAtMs;
        this.onTheWay.delete(beat);
        resolve(heard);
      };
      const late = (): void => {
        onLate();
        end(false);
      };
      const cancel = clock.schedule(silenceMs, late, { background: true });
      this.onTheWay.set(beat, end);
    });
  }

  private miss(beat: number): void {
    if (beat <= this.latestGivenUp) return;
    if (this.parts.onMissed(String(beat))) this.latestMissed = Math.max(this.latestMissed, beat);
  }
}
