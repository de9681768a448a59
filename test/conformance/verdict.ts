/** What a case came to, with what was seen, in words for a reader of the table. */
export type Verdict =
  | { readonly kind: 'pass'; readonly seen: string }
  | { readonly kind: 'fail'; readonly seen: string }
  | { readonly kind: 'unsupported'; readonly seen: string };

export function pass(seen: string): Verdict {
  return { kind: 'pass', seen };
}

export function fail(seen: string): Verdict {
  return { kind: 'fail', seen };
}

/** The library does not claim to do this at all. */
export function unsupported(seen: string): Verdict {
  return { kind: 'unsupported', seen };
}

export function passIf(good: boolean, seen: string): Verdict {
  return good ? pass(seen) : fail(seen);
}

/** Thrown where a case finds that the library has no such operation. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported';
}

/** Thrown for a call that was not answered in the time a case gives it. */
export class Hung extends Error {
  override readonly name = 'Hung';
}
