import { randomBytes } from 'node:crypto';

/** An id for a stamp, or for whatever else stands for a time, which nobody else draws. */
export function newStampId(): string {
  return randomBytes(8).toString('hex');
}
