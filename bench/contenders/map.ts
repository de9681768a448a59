/** A cache as it is written by hand where one process is enough: no bounds, no end, no copies. */
export class MapCache<T> {
  private readonly entries = new Map<string, T>();

  async getOrLoad(key: string, load: () => Promise<T>): Promise<T> {
    const hit = this.entries.get(key);
    if (hit !== undefined) return hit;
    const value = await load();
    this.entries.set(key, value);
    return value;
  }
}
