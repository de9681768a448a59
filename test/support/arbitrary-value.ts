import fc from 'fast-check';

const leaf: fc.Arbitrary<unknown> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.integer(),
  fc.constantFrom(undefined, null, true, false, NaN, -0, Infinity, 'null', '@'),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.constantFrom('a', '[b]+', '(?<c>d)').map((source) => new RegExp(source, 'gu')),
  fc.webUrl({ withQueryParameters: true }).map((href) => new URL(href)),
);

/** Any value that the cache carries without being told of a class, parts in several places included. */
export const arbitraryValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: builtIns() },
  { weight: 1, arbitrary: builtIns().map((value) => ({ a: value, b: [value, { value }] })) },
  { weight: 1, arbitrary: fc.array(builtIns(), { maxLength: 4 }).map(cyclic) },
);

/** Any value that JSON text carries, as parsed from it. */
export const arbitraryJson: fc.Arbitrary<unknown> = fc
  .json({ maxDepth: 6, stringUnit: 'binary' })
  .map((text) => JSON.parse(text) as unknown);

function builtIns(): fc.Arbitrary<unknown> {
  return fc.anything({
    maxDepth: 5,
    key: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('@', '=', '__proto__', 'toJSON')),
    values: [leaf],
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  });
}

function cyclic(parts: unknown[]): unknown {
  const node: Record<string, unknown> = { parts, again: parts[0] };
  node.self = node;
  return new Map([['node', node]]);
}
