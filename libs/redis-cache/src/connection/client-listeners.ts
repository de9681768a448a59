import type { RedisClientLike } from './redis-client.interface.js';

/** What a client tells of its connection. */
export interface ClientListeners {
  /** A socket is there, and the handshake has begun. */
  readonly onConnect: () => void;
  /** Commands can be sent. */
  readonly onReady: () => void;
  /** The connection is gone; whether another attempt follows makes no difference here. */
  readonly onDown: () => void;
  /** Why it is gone, as far as anybody knows: comes before `onDown`. */
  readonly onError: (error: Error) => void;
}

/**
 * Listens to a client: one listener per event, however many connections come and go.
 *
 * @returns takes all of them away again
 */
export function listenToClient(client: RedisClientLike, listeners: ClientListeners): () => void {
  const { onConnect, onReady, onDown, onError } = listeners;
  const plain = {
    connect: onConnect,
    ready: onReady,
    close: onDown,
    reconnecting: onDown,
    end: onDown,
  };
  client.on('error', onError);
  for (const [event, listener] of Object.entries(plain)) client.on(event, listener);
  return () => {
    client.off('error', onError);
    for (const [event, listener] of Object.entries(plain)) client.off(event, listener);
  };
}
