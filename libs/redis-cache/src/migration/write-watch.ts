/** Of work that began with an older value and ends later. */
export interface Watch {
  /** Whether the entry was written or deleted since. */
  readonly overtaken: boolean;
  end(): void;
}

/** Tells work on an entry that somebody has written the entry meanwhile. */
export class WriteWatch {
  private readonly watches = new Map<string, Set<{ overtaken: boolean }>>();

  begin(entry: string): Watch {
    const watching = this.watches.get(entry) ?? new Set();
    this.watches.set(entry, watching);
    const watch = {
      overtaken: false,
      end: () => {
        watching.delete(watch);
        if (watching.size === 0 && this.watches.get(entry) === watching) this.watches.delete(entry);
      },
    };
    watching.add(watch);
    return watch;
  }

  written(entry: string): void {
    const watching = this.watches.get(entry);
    if (!watching) return;
    for (const watch of watching) watch.overtaken = true;
    // Whoever begins from now on begins with the newer value.
    this.watches.delete(entry);
  }
}
