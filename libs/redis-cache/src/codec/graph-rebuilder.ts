import { isDense, kindOf, type ValueKind } from './value-kind.js';

/**
 * Builds a value anew, node by node, as a graph: what is one object in the original is one object
 * in the result, so cycles end. Subclasses say what becomes of each node.
 */
export abstract class GraphRebuilder {
  private readonly twins = new Map<object, object>();

  rebuild(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    return this.twins.get(value) ?? this.build(value, kindOf(value));
  }

  /** The twin of a node met for the first time. */
  protected abstract build(node: object, kind: ValueKind | undefined): object;

  /** The twin of a plain object, array, Map or Set; any other node stands for itself. */
  protected container(node: object, kind: ValueKind | undefined): object {
    switch (kind) {
      case 'object':
        return this.fill(this.claim(node, { ...node }));
      case 'array':
        return this.array(node as readonly unknown[]);
      case 'map':
        return this.map(node as ReadonlyMap<unknown, unknown>);
      case 'set':
        return this.set(node as ReadonlySet<unknown>);
      default:
        return node;
    }
  }

  /** Makes the twin known. To be done before its content is built, or cycles would not end. */
  protected claim<T extends object>(node: object, twin: T): T {
    this.twins.set(node, twin);
    return twin;
  }

  /**
   * Builds the values of a fresh plain object anew, in place. Its keys are there already, as own
   * properties: so no assignment here can reach a setter or the prototype, whatever the key.
   */
  protected fill<T extends object>(twin: T): T {
    const values = twin as Record<string, unknown>;
    for (const key in values) {
      const value = values[key];
      if (typeof value === 'object' && value !== null) values[key] = this.rebuild(value);
    }
    return twin;
  }

  /** A twin with the properties of `content` and a prototype of its own. */
  protected object(node: object, content: object, prototype: object | null): object {
    const twin = this.fill(this.claim(node, { ...content }));
    // Last, and instead of Object.create(): until here no setter of the prototype could interfere.
    return Object.setPrototypeOf(twin, prototype) as object;
  }

  private array(node: readonly unknown[]): unknown[] {
    if (!isDense(node)) return this.sparseArray(node);
    const twin = this.claim(node, [...node]);
    for (let index = 0; index < twin.length; index++) {
      const element = twin[index];
      if (typeof element === 'object' && element !== null) twin[index] = this.rebuild(element);
    }
    return twin;
  }

  /** By its keys, as the length says nothing of how many elements there are. */
  private sparseArray(node: readonly unknown[]): unknown[] {
    const twin: unknown[] = this.claim(node, []);
    twin.length = node.length;
    for (const key of Object.keys(node)) {
      const value = this.rebuild(node[key as unknown as number]);
      Object.defineProperty(twin, key, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    return twin;
  }

  private map(node: ReadonlyMap<unknown, unknown>): Map<unknown, unknown> {
    const twin = this.claim(node, new Map<unknown, unknown>());
    for (const [key, value] of node) twin.set(this.rebuild(key), this.rebuild(value));
    return twin;
  }

  private set(node: ReadonlySet<unknown>): Set<unknown> {
    const twin = this.claim(node, new Set());
    for (const member of node) twin.add(this.rebuild(member));
    return twin;
  }
}
