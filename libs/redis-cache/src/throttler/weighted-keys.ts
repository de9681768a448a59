/** Values by key, from the one that was not used for longest on, and what they weigh together. */
export class WeightedKeys<V extends { readonly weight: number }> {
  private readonly held = new Map<string, { readonly value: V; readonly weight: number }>();
  private total = 0;

  get weight(): number {
    return this.total;
  }

  get size(): number {
    return this.held.size;
  }

  get(key: string): V | undefined {
    return this.held.get(key)?.value;
  }

  /** Puts it at the end, and weighs it anew. */
  put(key: string, value: V): void {
    this.delete(key);
    const { weight } = value;
    this.held.set(key, { value, weight });
    this.total += weight;
  }

  delete(key: string): void {
    const held = this.held.get(key);
    if (!held) return;
    this.held.delete(key);
    this.total -= held.weight;
  }

  /** Deletes the one that was not used for longest. */
  dropOldest(): void {
    for (const key of this.held.keys()) {
      this.delete(key);
      return;
    }
  }

  *entries(): IterableIterator<[string, V]> {
    for (const [key, { value }] of this.held) yield [key, value];
  }
}
