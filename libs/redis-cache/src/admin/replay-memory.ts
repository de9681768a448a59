/** What became of a claim. */
export type Claim = 'first' | 'again' | 'full';

/** Remembers what was taken once, until it could not be taken again for its age. */
export class ReplayMemory {
  private readonly untilMs = new Map<string, number>();

  constructor(private readonly max = 10_000) {}

  /** @returns `full` where too much is remembered to be sure of any more */
  claim(id: string, untilMs: number, nowMs: number): Claim {
    if ((this.untilMs.get(id) ?? -Infinity) >= nowMs) return 'again';
    if (this.untilMs.size >= this.max) this.forgetBefore(nowMs);
    if (this.untilMs.size >= this.max) return 'full';
    this.untilMs.set(id, untilMs);
    return 'first';
  }

  private forgetBefore(nowMs: number): void {
    for (const [id, untilMs] of this.untilMs) if (untilMs < nowMs) this.untilMs.delete(id);
  }
}
