import { types } from 'node:util';
import { UncacheableValueError } from '../errors/uncacheable-value.error.js';
import type { ClassRegistry } from './class-registry.js';
import { MAX_DEPTH } from './depth.js';
import { refusalOf, REFUSALS, type Refusal } from './refusal.js';
import { needsTag } from './tagged-values.js';
import { hasSlots, kindOf, type ValueKind } from './value-kind.js';
import { showPath, type PathStep } from './value-path.js';

/**
 * Looks through a whole value for what would not come out of the v8 codec as it went in. Runs no
 * code of the value: accessors are refused, not called. Not looked for: names given to a typed
 * array beside its elements, as listing them would list every element.
 *
 * @returns whether something in it has to be tagged, see {@link needsTag}
 * @throws {UncacheableValueError} naming the path to the first part that cannot be carried
 */
export function survey(value: unknown, classes: ClassRegistry): boolean {
  const surveyor = new Surveyor(classes);
  surveyor.visit(value);
  return surveyor.tagged;
}

class Surveyor {
  tagged = false;
  private readonly seen = new Set<object>();
  private readonly path: PathStep[] = [];

  constructor(private readonly classes: ClassRegistry) {}

  visit(value: unknown): void {
    if (typeof value === 'function' || typeof value === 'symbol') this.refuse(refusalOf(value));
    if (typeof value !== 'object' || value === null || this.seen.has(value)) return;
    this.seen.add(value);
    if (this.path.length >= MAX_DEPTH) this.refuse(REFUSALS.depth);
    if (types.isProxy(value)) this.refuse(REFUSALS.proxy);
    this.node(value, kindOf(value));
  }

  private node(node: object, kind: ValueKind | undefined): void {
    if (kind === undefined && !this.isKnownInstance(node)) this.refuse(refusalOf(node));
    if (Object.getOwnPropertySymbols(node).length > 0) this.refuse(REFUSALS.symbolKey);
    if (kind && !hasSlots(node, kind)) this.refuse(REFUSALS.impostor);
    this.tagged ||= needsTag(kind);
    switch (kind) {
      case 'array':
        this.properties(node, Object.keys(node));
        break;
      case 'view':
        this.view(node as ArrayBufferView);
        break;
      case 'object':
      case 'null-object':
      case undefined:
        this.properties(node, Object.getOwnPropertyNames(node));
        break;
      default:
        this.builtIn(node, kind);
    }
  }

  private isKnownInstance(node: object): boolean {
    return this.classes.nameOf(Object.getPrototypeOf(node) as object) !== undefined;
  }

  private properties(node: object, keys: readonly string[]): void {
    for (const key of keys) {
      const property = Object.getOwnPropertyDescriptor(node, key) as PropertyDescriptor;
      this.path.push(key);
      if (!('value' in property)) this.refuse(REFUSALS.accessor);
      if (!property.enumerable) this.refuse(REFUSALS.hidden);
      this.visit(property.value);
      this.path.pop();
    }
  }

  private builtIn(node: object, kind: ValueKind): void {
    const ownKeys = kind === 'regexp' ? 1 : 0; // lastIndex
    if (Reflect.ownKeys(node).length > ownKeys) this.refuse(REFUSALS.extras);
    if (Reflect.get(node, 'resizable') === true) this.refuse(REFUSALS.resizable);
    if (kind === 'map') this.map(node as ReadonlyMap<unknown, unknown>);
    if (kind === 'set') this.set(node as ReadonlySet<unknown>);
  }

  private map(node: ReadonlyMap<unknown, unknown>): void {
    let index = 0;
    for (const [key, value] of node) {
      this.step({ call: 'keys', index }, key);
      this.step({ call: 'values', index }, value);
      index++;
    }
  }

  private set(node: ReadonlySet<unknown>): void {
    let index = 0;
    for (const member of node) this.step({ call: 'values', index: index++ }, member);
  }

  private step(step: PathStep, value: unknown): void {
    this.path.push(step);
    this.visit(value);
    this.path.pop();
  }

  private view({ buffer }: ArrayBufferView): void {
    if (types.isSharedArrayBuffer(buffer)) this.refuse(REFUSALS.shared);
  }

  private refuse({ problem, remedy }: Refusal): never {
    throw new UncacheableValueError(showPath(this.path), problem, remedy);
  }
}
