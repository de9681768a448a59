/**
 * Whether Redis can be used.
 *
 * - `connecting`: not heard from since the start.
 * - `ready`: commands are sent.
 * - `suspended`: away; commands are skipped, not awaited.
 * - `recovering`: back, and being brought up to date before it is used.
 * - `closed`: the connection was closed from this side.
 */
export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'ready'; readonly sinceMs: number }
  | { readonly kind: 'suspended'; readonly sinceMs: number; readonly reason: string }
  | { readonly kind: 'recovering'; readonly sinceMs: number }
  | { readonly kind: 'closed' };

/** What a connection tells its listeners. No text in it carries a secret. */
export interface ConnectionEvents {
  /** Every change of the state. */
  state: { readonly from: ConnectionState; readonly to: ConnectionState };
  /** Redis is away. Once per outage, whatever is tried until it ends. */
  outage: { readonly reason: string };
  /** Redis is used again. Once per outage. */
  recovered: { readonly outageMs: number };
}
