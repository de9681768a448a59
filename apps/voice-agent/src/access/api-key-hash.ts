import { createHash } from 'node:crypto';

/**
 * How an API key is stored and looked up.
 *
 * A plain SHA-256, where a password would need bcrypt: slow, salted hashes protect what people choose
 * and attackers can guess. These keys are 192 random bits, which nobody guesses at any speed, and an
 * unsalted hash can be looked up by index, at every request, in no time.
 */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
