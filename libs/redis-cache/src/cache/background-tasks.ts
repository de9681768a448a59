/** Promises that nobody awaits: each is known here until it has settled, and none fails unheard. */
export class BackgroundTasks {
  private readonly pending = new Set<Promise<void>>();

  constructor(private readonly onError: (task: string, error: unknown) => void) {}

  run(task: string, work: Promise<unknown>): void {
    const settled = work
      .then(
        () => undefined,
        (error: unknown) => {
          this.onError(task, error);
        },
      )
      .finally(() => this.pending.delete(settled));
    this.pending.add(settled);
  }

  /** Resolves when all that is running now has settled. */
  async idle(): Promise<void> {
    await Promise.all(this.pending);
  }
}
