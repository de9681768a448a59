import { createHash } from 'node:crypto';
import type { StampId } from './stamp-id.js';

/** What stands in an entry for the three stamps that all entries have: 11 characters of base64url. */
export type StampsDigest = string;

const DIGEST_LENGTH = 11;

/**
 * The first 66 bits of SHA-256 of the stamps of everything, the tenant and the cache. Each of them is
 * random, so two sets of them agree by a chance of one in 10^19.
 */
export function digestOf(all: StampId, tenant: StampId, cache: StampId): StampsDigest {
  const digest = createHash('sha256').update(`${all} ${tenant} ${cache}`).digest('base64url');
  return digest.slice(0, DIGEST_LENGTH);
}

/** @throws {RangeError} not as long as a digest is */
export function writeDigest(bytes: Buffer, at: number, digest: StampsDigest): void {
  if (digest.length !== DIGEST_LENGTH) {
    throw new RangeError(`Not a digest of stamps: ${JSON.stringify(digest)}`);
  }
  for (let index = 0; index < DIGEST_LENGTH; index++) bytes[at + index] = digest.charCodeAt(index);
}

export function readDigest(bytes: Buffer, at: number): StampsDigest {
  return bytes.toString('latin1', at, at + DIGEST_LENGTH);
}
