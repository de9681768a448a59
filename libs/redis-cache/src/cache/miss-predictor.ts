const MOST = 32;
const ENOUGH = MOST / 2;

/** A read that asks by script for what is there costs Redis more than a plain one; see below. */
const COST_OF_HIT = 2;

/**
 * Whether Redis is likely to have nothing of a cache, by what it had of late: then a read asks for the
 * lease at once, which also answers the entry if there is one, and a miss takes a round trip less.
 *
 * A saturating counter, as processors predict branches (J. E. Smith, "A Study of Branch Prediction
 * Strategies", ISCA 1981).
 */
export class MissPredictor {
  private confidence = 0;

  /** From the sixteenth miss in a row on, and until two of three reads find something. */
  get expectsMiss(): boolean {
    return this.confidence >= ENOUGH;
  }

  noteMiss(): void {
    if (this.confidence < MOST) this.confidence += 1;
  }

  noteHit(): void {
    this.confidence = Math.max(0, this.confidence - COST_OF_HIT);
  }
}
