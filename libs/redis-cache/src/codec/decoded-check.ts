import { MAX_DECODED_DEPTH } from './depth.js';
import { UndecodableValueError } from './undecodable-value.error.js';
import { kindOf } from './value-kind.js';

/**
 * Makes sure that parsed JSON can be walked by recursion. Nothing this library writes is nested too
 * deep; other bytes in its place may be.
 *
 * @throws {UndecodableValueError}
 */
export function assertTree(value: unknown): void {
  if (typeof value === 'object' && value !== null) assertTreeNode(value, 0);
}

// Most of what is in a tree are its leaves: for those no function is called.
function assertTreeNode(node: object, depth: number): void {
  assertDepth(depth);
  if (Array.isArray(node)) {
    for (const element of node as readonly unknown[]) {
      if (typeof element === 'object' && element !== null) assertTreeNode(element, depth + 1);
    }
  } else {
    const values = node as Readonly<Record<string, unknown>>;
    for (const key in values) {
      const value = values[key];
      if (typeof value === 'object' && value !== null) assertTreeNode(value, depth + 1);
    }
  }
}

/**
 * Makes sure that a value read by the v8 codec holds what the library could have written and no
 * more, so that it can be copied like any other.
 *
 * @throws {UndecodableValueError}
 */
export function assertGraph(value: unknown, seen = new Set<object>(), depth = 0): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  assertDepth(depth);
  seen.add(value);
  switch (kindOf(value)) {
    case undefined:
    case 'regexp':
      throw new UndecodableValueError('Holds an object of a kind that is never stored');
    case 'object':
    case 'array':
      for (const child of Object.values(value)) assertGraph(child, seen, depth + 1);
      break;
    case 'map':
      for (const entry of value as ReadonlyMap<unknown, unknown>) {
        assertGraph(entry[0], seen, depth + 1);
        assertGraph(entry[1], seen, depth + 1);
      }
      break;
    case 'set':
      for (const member of value as ReadonlySet<unknown>) assertGraph(member, seen, depth + 1);
      break;
    default: // a leaf
  }
}

function assertDepth(depth: number): void {
  if (depth >= MAX_DECODED_DEPTH) throw new UndecodableValueError('Nested too deep');
}
