/** By lead, the version that is the oldest allowed. */
export class Floor {
  private readonly versions = new Map<string, number>();

  static copyOf(other: Floor): Floor {
    const copy = new Floor();
    copy.raiseBy(other);
    return copy;
  }

  of(name: string): number {
    return this.versions.get(name) ?? 0;
  }

  raise(name: string, version: number): void {
    this.versions.set(name, Math.max(version, this.of(name)));
  }

  raiseBy(other: Floor): void {
    for (const [name, version] of other.versions) this.raise(name, version);
  }

  /** Allows what the other one does. */
  lowerTo(other: Floor): void {
    for (const [name, version] of this.versions) {
      this.versions.set(name, Math.min(version, other.of(name)));
    }
  }
}

/** Floors by the key of the message that tells of them. */
export class FloorsByMessage {
  private readonly floors = new Map<string, Floor>();

  raise(messageKey: string, floor: Floor): void {
    const known = this.floors.get(messageKey);
    if (known) known.raiseBy(floor);
    else this.floors.set(messageKey, Floor.copyOf(floor));
  }

  /** Takes out those whose message is not one of these. */
  takeAllBut(isWaiting: (messageKey: string) => boolean): Floor {
    const taken = new Floor();
    for (const [messageKey, floor] of this.floors) {
      if (isWaiting(messageKey)) continue;
      taken.raiseBy(floor);
      this.floors.delete(messageKey);
    }
    return taken;
  }

  lowerTo(other: Floor): void {
    for (const floor of this.floors.values()) floor.lowerTo(other);
  }

  takeEach(): [messageKey: string, floor: Floor][] {
    const all = [...this.floors];
    this.floors.clear();
    return all;
  }

  clear(): void {
    this.floors.clear();
  }
}
