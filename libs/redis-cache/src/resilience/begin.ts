import type { Reply } from './reply.interface.js';

/** Work that throws before it is under way fails as work that was. */
export function begin<T>(work: () => Promise<T>): Promise<T>;
export function begin<T>(work: () => Reply<T>): Reply<T>;
export function begin<T>(work: () => Reply<T>): Reply<T> {
  try {
    return work();
  } catch (error) {
    const reason = error as Error;
    return Promise.reject(reason);
  }
}
