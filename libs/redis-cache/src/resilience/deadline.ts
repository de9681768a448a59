import { FarTimeoutError } from '../errors/far-tier.error.js';
import type { Clock } from './clock.js';

const SLICES = 4;

/**
 * Settles as `promise` does, or rejects once `ms` have passed without it. Nothing is cancelled: what
 * the promise stands for may still happen, and its late result or error is dropped here.
 *
 * Only time counts in which this process could have received an answer. The span is waited for in
 * slices, one timer after the other, so an event loop that is blocked uses up one slice and not the
 * deadline; and answers that have arrived are read before the last one counts.
 *
 * @throws {FarTimeoutError} no answer in time
 */
export function withDeadline<T>(promise: Promise<T>, ms: number, clock: Clock): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const sliceMs = ms / SLICES;
    let slicesLeft = SLICES;
    let cancel: () => void;
    const expire = (): void => reject(new FarTimeoutError(ms));
    const wait = (): void => {
      cancel = clock.schedule(sliceMs, () => (--slicesLeft > 0 ? wait() : clock.afterIo(expire)));
    };
    wait();
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
