import { UncacheableValueError } from '../errors/uncacheable-value.error.js';
import { bytesOf, copyMemory, makeView, viewTypeNumber } from './binary.js';
import { ClassRegistry } from './class-registry.js';
import { GraphRebuilder } from './graph-rebuilder.js';
import { refusalOf } from './refusal.js';
import type { ValueKind } from './value-kind.js';

/**
 * A copy that shares no mutable memory with `value` and looks the same: prototypes, cycles, order
 * and holes included. Never frozen.
 *
 * @param classes the classes whose instances may occur
 * @throws {UncacheableValueError} an instance of any other class occurs
 */
export function copyDeep(value: unknown, classes = NO_CLASSES): unknown {
  return typeof value === 'object' && value !== null ? new Copier(classes).rebuild(value) : value;
}

/**
 * The same for a value that JSON carries exactly, in about half the time: as that is a tree of
 * plain objects and arrays, nothing has to be looked up or remembered.
 */
export function copyTree(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? copyTreeNode(value) : value;
}

function copyTreeNode(node: object): object {
  return Array.isArray(node) ? copyTreeArray(node as readonly unknown[]) : copyTreeObject(node);
}

function copyTreeArray(node: readonly unknown[]): unknown[] {
  const twin = [...node];
  for (let index = 0; index < twin.length; index++) {
    const element = twin[index];
    if (typeof element === 'object' && element !== null) twin[index] = copyTreeNode(element);
  }
  return twin;
}

function copyTreeObject(node: object): object {
  const twin: Record<string, unknown> = { ...node };
  for (const key in twin) {
    const value = twin[key];
    // An own property by now, so that not even the key __proto__ can reach the prototype.
    if (typeof value === 'object' && value !== null) twin[key] = copyTreeNode(value);
  }
  return twin;
}

const NO_CLASSES = new ClassRegistry();

class Copier extends GraphRebuilder {
  constructor(private readonly classes: ClassRegistry) {
    super();
  }

  protected build(node: object, kind: ValueKind | undefined): object {
    switch (kind) {
      case 'object':
      case 'array':
      case 'map':
      case 'set':
        return this.container(node, kind);
      case 'null-object':
        return this.object(node, node, null);
      case undefined:
        return this.instance(node);
      default:
        return this.claim(node, copyLeaf(node, kind));
    }
  }

  private instance(node: object): object {
    const prototype = Object.getPrototypeOf(node) as object;
    if (this.classes.nameOf(prototype) !== undefined) return this.object(node, node, prototype);
    const { problem, remedy } = refusalOf(node);
    throw new UncacheableValueError('something in it', problem, remedy);
  }
}

function copyLeaf(node: object, kind: 'date' | 'regexp' | 'url' | 'view' | 'array-buffer'): object {
  switch (kind) {
    case 'date':
      return new Date((node as Date).getTime());
    case 'regexp':
      return copyRegExp(node as RegExp);
    case 'url':
      return new URL((node as URL).href);
    case 'view':
      return copyView(node as ArrayBufferView);
    case 'array-buffer':
      return copyMemory(new Uint8Array(node as ArrayBuffer));
  }
}

function copyRegExp({ source, flags, lastIndex }: RegExp): RegExp {
  const twin = new RegExp(source, flags);
  twin.lastIndex = lastIndex;
  return twin;
}

function copyView(view: ArrayBufferView): ArrayBufferView {
  return makeView(viewTypeNumber(view) as number, bytesOf(view));
}
