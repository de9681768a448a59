import { failureKind } from '../connection/failure-kind.js';
import type { SubscriberClient } from '../connection/subscriber.js';
import { FarUnavailableError } from '../errors/far-tier.error.js';

/** What it takes to have a server tell of keys. */
export interface TrackedKeysParts {
  /** What the keys of this application begin with, in Redis. */
  readonly prefix: string;
  /** What the client itself puts in front of every key; cut off again here. */
  readonly clientPrefix: string;
  /** Called when the server refuses to track keys, or turns out not to. */
  readonly onUnsupported: (error: unknown) => void;
  /** Called for each key that somebody has written or deleted, this process included. */
  readonly onKey: (key: string) => void;
}

/** Where Redis tells a RESP2 connection of the keys that it tracks for it. */
export const TRACKED_KEYS_CHANNEL = '__redis__:invalidate';

/**
 * Has the server tell a connection of every key under the prefix that anybody changes.
 *
 * @see https://redis.io/docs/latest/develop/reference/client-side-caching/ on RESP2 and broadcasting
 */
export async function trackKeys(
  subscriber: SubscriberClient,
  { prefix, onUnsupported }: TrackedKeysParts,
): Promise<void> {
  try {
    const id = String(await subscriber.call('CLIENT', 'ID'));
    // To itself: a connection that redirects to another one does not notice when that has gone.
    await subscriber.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', prefix);
    await subscriber.subscribe(TRACKED_KEYS_CHANNEL);
  } catch (error) {
    if (failureKind(error) !== 'refused') throw error;
    onUnsupported(error);
    throw new FarUnavailableError('The server does not track keys');
  }
}

/**
 * Passes on what the server tells of keys, but those of signs of life.
 *
 * @returns the latest sign of life in the message. It counts once all keys of the message are passed
 * on, which were changed together with it.
 */
export function passOnKeys(
  told: readonly Buffer[],
  { clientPrefix, onKey }: TrackedKeysParts,
  beatOf: (key: string) => string | undefined,
): string | undefined {
  let latest: string | undefined;
  for (const bytes of told) {
    const key = bytes.toString().slice(clientPrefix.length);
    const beat = beatOf(key);
    if (beat === undefined) onKey(key);
    // The server orders them by name.
    else if (latest === undefined || Number(beat) > Number(latest)) latest = beat;
  }
  return latest;
}
