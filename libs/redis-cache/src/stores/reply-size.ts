/**
 * What one reply is to hold. It is complete only when its last value is there: larger ones keep those who
 * ask and the server waiting for each other, smaller ones cost a command each. By measurement.
 */
const BYTES_OF_REPLY = 32_768;

/** What the latest reply counts for, against all before it. */
const WEIGHT = 1 / 4;

/** How many values to ask for at once, by the size of those that came lately. */
export class ReplySize {
  private bytesOfValue = 0;

  get values(): number {
    return Math.max(1, Math.floor(BYTES_OF_REPLY / Math.max(1, this.bytesOfValue)));
  }

  /** @returns what came, which it takes notice of */
  note<T extends readonly (Buffer | undefined)[]>(came: T): T {
    let bytes = 0;
    for (const value of came) bytes += value?.length ?? 0;
    this.bytesOfValue += WEIGHT * (bytes / came.length - this.bytesOfValue);
    return came;
  }
}
