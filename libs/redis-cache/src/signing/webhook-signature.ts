import { createHmac, timingSafeEqual } from 'node:crypto';

/** Header that says when a post was signed, in milliseconds since 1970. */
const TIMESTAMP_HEADER = 'x-cache-timestamp';

/** Header with the signature over that and the body. */
const SIGNATURE_HEADER = 'x-cache-signature';

const SCHEME = 'sha256=';
const FIVE_MINUTES_MS = 300_000;

/** A post as it was received. */
export interface SignedPost {
  /** The very bytes, or text, of the body, before anybody has parsed it. */
  readonly body: string | Uint8Array;
  /** By lower-case name, as Node gives them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** How a signature is checked. */
export interface VerifyOptions {
  /** How old, or how far ahead, a signature may be, in milliseconds. @default 300000 */
  toleranceMs?: number;
  /** The time now, in milliseconds since 1970. @default that of the system */
  nowMs?: number;
}

/** The headers that sign a body. */
export function signatureHeaders(
  secret: string,
  body: string | Uint8Array,
  nowMs: number,
): Record<string, string> {
  const timestamp = String(Math.round(nowMs));
  return {
    [TIMESTAMP_HEADER]: timestamp,
    [SIGNATURE_HEADER]: SCHEME + digestOf(secret, timestamp, body).toString('hex'),
  };
}

/**
 * Whether a post was signed with `secret`, lately: HMAC-SHA256 over timestamp, a full stop, and body.
 * For those who receive alerts. A post that is sent again within the tolerance passes again: an alert
 * has an `id`, by which it is known.
 */
export function verifyWebhook(
  secret: string,
  { body, headers }: SignedPost,
  { toleranceMs = FIVE_MINUTES_MS, nowMs = Date.now() }: VerifyOptions = {},
): boolean {
  const { [TIMESTAMP_HEADER]: timestamp, [SIGNATURE_HEADER]: signature } = headers;
  if (typeof timestamp !== 'string' || typeof signature !== 'string') return false;
  if (!/^\d{1,16}$/.test(timestamp) || !signature.startsWith(SCHEME)) return false;
  if (Math.abs(nowMs - Number(timestamp)) > toleranceMs) return false;
  const given = Buffer.from(signature.slice(SCHEME.length), 'hex');
  const expected = digestOf(secret, timestamp, body);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function digestOf(secret: string, timestamp: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
}
