import { FarTimeoutError } from '../errors/far-tier.error.js';
import type { Clock } from './clock.js';

/**
 * Settles as `promise` does, or rejects once `ms` have passed without it. Nothing is cancelled: what
 * the promise stands for may still happen, and its late result or error is dropped here.
 *
 * Only time counts in which this process could have received an answer. The span is waited for in two
 * halves, so that an event loop which is blocked before the question was even sent uses up one of
 * them at most; and what has arrived meanwhile is read before the end of the second counts.
 *
 * @param late what it rejects with then
 * @throws {FarTimeoutError} no answer in time
 */
export function withDeadline<T>(
  promise: Promise<T>,
  ms: number,
  clock: Clock,
  late: () => Error = () => new FarTimeoutError(ms),
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const expire = (): void => reject(late());
    const lastHalf = (): void => {
      cancel = clock.schedule(ms / 2, () => clock.afterIo(expire));
    };
    let cancel = clock.schedule(ms / 2, lastHalf);
    const settle =
      <V>(outcome: (value: V) => void) =>
      (value: V): void => {
        cancel();
        outcome(value);
      };
    // Settling a promise twice does nothing, which is how whatever comes late is dropped.
    promise.then(settle(resolve), settle(reject));
  });
}
