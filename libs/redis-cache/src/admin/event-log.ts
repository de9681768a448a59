import type { AdminEvent, AdminEvents, AdminPrincipal } from './admin.contract.js';

/** What is told of an event; the log adds when it was. */
export type ToldEvent = Omit<AdminEvent, 'id' | 'atMs'>;

/**
 * The latest events. What matters has a place of its own, so that a storm of evictions does not push
 * out the outage that it came with.
 */
export class EventLog {
  private readonly notable: AdminEvent[] = [];
  private readonly others: AdminEvent[] = [];
  private readonly noted = new Set<(event: AdminEvent) => void>();
  private lastId = 0;
  private lastForgotten = 0;

  constructor(private readonly max: number) {}

  /** The id of the latest event; 0 if there was none. */
  get last(): number {
    return this.lastId;
  }

  note(told: ToldEvent, atMs: number): void {
    // From the time, so that ids tell nothing of how much happened, and go on after a restart.
    this.lastId = Math.max(this.lastId + 1, Math.floor(atMs) * 1_000);
    const event: AdminEvent = { id: this.lastId, atMs: Math.floor(atMs), ...told };
    const kept = isNotable(event) ? this.notable : this.others;
    kept.push(event);
    if (kept.length > Math.ceil(this.max / 2)) {
      this.lastForgotten = Math.max(this.lastForgotten, kept.shift()?.id ?? 0);
    }
    for (const tell of this.noted) tell(event);
  }

  /**
   * What came after an event, as far as somebody may know of it.
   *
   * @param limit the latest so many of them
   */
  since(after: number, principal: AdminPrincipal, limit: number): AdminEvents {
    const known = [...this.notable, ...this.others]
      .filter((event) => event.id > after && isFor(principal, event))
      .sort((a, b) => a.id - b.id);
    const events = known.slice(-limit);
    return { events, gap: events.length < known.length || after < this.lastForgotten };
  }

  /** @returns removes it */
  onNoted(listener: (event: AdminEvent) => void): () => void {
    this.noted.add(listener);
    return () => void this.noted.delete(listener);
  }
}

function isNotable({ severity, type }: AdminEvent): boolean {
  return severity !== 'info' || type === 'state';
}

/** Whoever is bound to a tenant is told of what is that tenant's beyond doubt, and nothing else. */
function isFor(principal: AdminPrincipal, event: AdminEvent): boolean {
  return principal.kind === 'operator' || event.tenant === principal.tenant;
}
