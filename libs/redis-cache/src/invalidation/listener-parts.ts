import type { SubscriberClient } from '../connection/subscriber.js';
import type { Backoff } from '../resilience/backoff.js';
import type { Clock } from '../resilience/clock.js';
import type { Voice } from './voice.js';

/** What a `Listener` works with. */
export interface ListenerParts {
  /** A new connection for listening; undefined if there is nowhere to connect to yet. */
  readonly openSubscriber: () => SubscriberClient | undefined;
  readonly voice: Voice;
  /** Names this process. */
  readonly origin: string;
  readonly clock: Clock;
  readonly backoff: Backoff;
  /** Pause between two signs of life. */
  readonly heartbeatMs: number;
  /** How long one may be on its way. */
  readonly silenceMs: number;
  /** Something may have been missed: whatever was kept by trusting this does not hold. */
  readonly onGap: () => void;
  /** The server refuses what listening takes. Called each time. */
  readonly onRefused: (error: unknown) => void;
}
