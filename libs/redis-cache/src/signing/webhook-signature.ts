import { createHmac, timingSafeEqual } from 'node:crypto';

/** The header that a signature of the cache's webhooks stands in, of those it sends and those it takes. */
export const CACHE_SIGNATURE_HEADER = 'x-cache-signature';

const SIGNATURE = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/;

const FIVE_MINUTES_MS = 300_000;

/**
 * Signs a call of a webhook: HMAC-SHA256 over the time and the very bytes of the body.
 *
 * @param body as it is sent
 * @param atMs the time of signing, since 1970
 * @returns for the header `x-cache-signature`: `t=<seconds>,v1=<hex>`
 */
export function signCacheWebhook(
  secret: string,
  body: string | Uint8Array,
  atMs = Date.now(),
): string {
  const seconds = String(Math.floor(atMs / 1_000));
  return `t=${seconds},v1=${hmac(secret, seconds, body).toString('hex')}`;
}

/** What a header claims, before anything of it is believed. */
export interface ClaimedSignature {
  readonly seconds: string;
  readonly hex: string;
}

/** @returns undefined for text that is no signature of ours */
export function readSignature(header: unknown): ClaimedSignature | undefined {
  const [, seconds, hex] = SIGNATURE.exec(typeof header === 'string' ? header : '') ?? [];
  return seconds === undefined || hex === undefined ? undefined : { seconds, hex };
}

/** Whether a body was signed with this secret; takes as long whether it was or not. */
export function isSignedBy(
  secret: string,
  { seconds, hex }: ClaimedSignature,
  body: string | Uint8Array,
): boolean {
  return timingSafeEqual(hmac(secret, seconds, body), Buffer.from(hex, 'hex'));
}

/** A call as it was received. */
export interface SignedCall {
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

/**
 * Whether a call was signed with `secret`, lately: for those who receive alerts. A call that is sent
 * again within the tolerance passes again; an alert is known by its `id` and `state`.
 */
export function verifyCacheWebhook(
  secret: string,
  { body, headers }: SignedCall,
  { toleranceMs = FIVE_MINUTES_MS, nowMs = Date.now() }: VerifyOptions = {},
): boolean {
  const claimed = readSignature(headers[CACHE_SIGNATURE_HEADER]);
  if (!claimed || !isSignedBy(secret, claimed, body)) return false;
  return Math.abs(nowMs - Number(claimed.seconds) * 1_000) <= toleranceMs;
}

function hmac(secret: string, seconds: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();
}
