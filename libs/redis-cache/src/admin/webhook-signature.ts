import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AdminPrincipal } from './admin.contract.js';
import type { WebhookSecret } from './webhook.options.js';

/** The header that a signature of the webhook stands in. */
export const CACHE_SIGNATURE_HEADER = 'x-cache-signature';

const SIGNATURE = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/;

/**
 * Signs a call of the webhook: HMAC-SHA256 over the time and the very bytes of the body.
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

/** Whoever has signed; undefined if none of those who may. Takes as long whichever secret fits. */
export function signerOf(
  { seconds, hex }: ClaimedSignature,
  body: Uint8Array,
  secrets: readonly WebhookSecret[],
): AdminPrincipal | undefined {
  const claimed = Buffer.from(hex, 'hex');
  const [signer] = secrets.filter(({ secret }) =>
    timingSafeEqual(hmac(secret, seconds, body), claimed),
  );
  return signer?.principal;
}

function hmac(secret: string, seconds: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();
}
