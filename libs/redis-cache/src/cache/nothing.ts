import type { HeldValue } from '../codec/held-value.js';
import type { LoadRequest } from './load-request.js';

/** An Observable that completed without a value: answered as such and never stored. */
export const NOTHING = Symbol('nothing');

/** What others have loaded, as far as this call can be answered by it; otherwise it loads for itself. */
export function usableBy(
  { takesNothing }: LoadRequest,
  held: HeldValue | undefined,
): HeldValue | undefined {
  return held?.value === NOTHING && !takesNothing ? undefined : held;
}
