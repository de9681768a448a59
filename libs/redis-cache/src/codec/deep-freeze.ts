import type { ClassRegistry } from './class-registry.js';
import { kindOf } from './value-kind.js';

/**
 * Freezes a value that nobody else holds, and all in it.
 *
 * @param classes the classes whose instances are all in their own properties
 * @returns `false`, with nothing frozen, if something in it would stay mutable all the same: Date,
 *   Map, Set, RegExp, URL, Buffer and other views of memory, instances of other classes
 */
export function freezeDeep(value: unknown, classes: ClassRegistry): boolean {
  const nodes = new Set<object>();
  if (!collect(value, nodes, classes)) return false;
  for (const node of nodes) Object.freeze(node);
  return true;
}

/** Adds all objects of the value, or stops at the first one that cannot be frozen. */
function collect(value: unknown, nodes: Set<object>, classes: ClassRegistry): boolean {
  if (typeof value !== 'object' || value === null || nodes.has(value)) return true;
  if (!isFreezable(value, classes)) return false;
  nodes.add(value);
  return Object.values(value).every((child) => collect(child, nodes, classes));
}

function isFreezable(node: object, classes: ClassRegistry): boolean {
  switch (kindOf(node)) {
    case 'object':
    case 'null-object':
    case 'array':
      return true;
    case undefined:
      return classes.nameOf(Object.getPrototypeOf(node) as object) !== undefined;
    default:
      return false;
  }
}
