import { types } from 'node:util';
import { MAX_DEPTH } from './depth.js';
import { isDense, kindOf } from './value-kind.js';

/**
 * Whether JSON text carries `value` exactly: a tree of plain objects, dense arrays, strings,
 * booleans, `null` and finite numbers other than -0, with no property that JSON would leave out.
 *
 * `false` also for what is the same object in two places (JSON makes two of it), for cycles and
 * for nesting too deep. Runs no code of the value: accessors are refused, not called. Not looked
 * for, as it would cost more than the encoding itself: accessors among the elements of an array,
 * and properties of an array that are not enumerable.
 */
export function isExactJson(value: unknown): boolean {
  return isExact(value, new Set(), 0);
}

function isExact(value: unknown, seen: Set<object>, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      return value === null || isExactContainer(value, seen, depth + 1);
    default:
      return false;
  }
}

function isExactContainer(node: object, seen: Set<object>, depth: number): boolean {
  if (depth > MAX_DEPTH || seen.has(node) || types.isProxy(node)) return false;
  seen.add(node);
  if (Object.getOwnPropertySymbols(node).length > 0) return false;
  switch (kindOf(node)) {
    case 'object':
      return isExactObject(node, seen, depth);
    case 'array':
      return isExactArray(node as readonly unknown[], seen, depth);
    default:
      return false;
  }
}

function isExactObject(node: object, seen: Set<object>, depth: number): boolean {
  for (const key of Object.getOwnPropertyNames(node)) {
    const property = Object.getOwnPropertyDescriptor(node, key) as PropertyDescriptor;
    // An accessor has no value here, and undefined is not exact.
    if (!property.enumerable || !isExact(property.value, seen, depth)) return false;
  }
  return true;
}

function isExactArray(array: readonly unknown[], seen: Set<object>, depth: number): boolean {
  if (!isDense(array)) return false;
  for (const element of array) {
    if (!isExact(element, seen, depth)) return false;
  }
  return true;
}
