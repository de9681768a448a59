/** A point that code under test waits at until the test opens it: interleavings without chance. */
export class Gate {
  /** Resolves when somebody has come to the gate. */
  readonly reached: Promise<void>;
  private readonly passage: Promise<void>;
  private arrive!: () => void;
  private letThrough!: () => void;
  private count = 0;

  constructor() {
    this.reached = new Promise((resolve) => (this.arrive = resolve));
    this.passage = new Promise((resolve) => (this.letThrough = resolve));
  }

  /** How many have come so far. */
  get arrivals(): number {
    return this.count;
  }

  pass(): Promise<void> {
    this.count += 1;
    this.arrive();
    return this.passage;
  }

  open(): void {
    this.letThrough();
  }
}
