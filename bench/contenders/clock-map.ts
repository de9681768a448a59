interface Slot<V> {
  readonly key: string;
  value: V;
  used: boolean;
}

/** A Map of bounded size, from which what was not asked for lately goes: the CLOCK algorithm. */
export class ClockMap<V> {
  private readonly slots = new Map<string, Slot<V>>();
  private readonly ring: (Slot<V> | undefined)[];
  private hand = 0;

  constructor(maxEntries: number) {
    this.ring = new Array<Slot<V> | undefined>(maxEntries).fill(undefined);
  }

  get(key: string): V | undefined {
    const slot = this.slots.get(key);
    if (slot) slot.used = true;
    return slot?.value;
  }

  set(key: string, value: V): void {
    const known = this.slots.get(key);
    if (known) {
      known.value = value;
      return;
    }
    const slot = { key, value, used: false };
    this.ring[this.freePlace()] = slot;
    this.slots.set(key, slot);
  }

  /** Its place in the ring is free once the hand comes by. */
  delete(key: string): void {
    this.slots.delete(key);
  }

  private freePlace(): number {
    for (;;) {
      const place = this.hand;
      this.hand = (place + 1) % this.ring.length;
      const slot = this.ring[place];
      if (!slot || this.slots.get(slot.key) !== slot) return place;
      if (!slot.used) {
        this.slots.delete(slot.key);
        return place;
      }
      slot.used = false;
    }
  }
}
