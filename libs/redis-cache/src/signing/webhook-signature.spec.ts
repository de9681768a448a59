import { createHmac } from 'node:crypto';
import { signCacheWebhook, verifyCacheWebhook } from './webhook-signature.js';

const SECRET = 'a secret of some length';
const NOW_MS = Date.UTC(2026, 0, 1);
const SECONDS = '1767225600';
const BODY = '{"kind":"hitRate","text":"für alle"}';
const DIGEST = createHmac('sha256', SECRET).update(`${SECONDS}.${BODY}`).digest('hex');

const signed = (signature: unknown) => ({ 'x-cache-signature': signature });

describe('the signature of a webhook', () => {
  const headers = signed(signCacheWebhook(SECRET, BODY, NOW_MS));
  const verified = (call: { body?: string | Uint8Array; headers?: object }, nowMs = NOW_MS) =>
    verifyCacheWebhook(SECRET, { body: BODY, headers, ...call } as never, { nowMs });

  it('is an HMAC-SHA256 over time and body', () => {
    expect(headers).toEqual(signed(`t=${SECONDS},v1=${DIGEST}`));
  });

  it('is right for this body, as text or as bytes', () => {
    expect(verified({})).toBe(true);
    expect(verified({ body: Buffer.from(BODY) })).toBe(true);
  });

  it.each<[string, object]>([
    ['another body', { body: `${BODY} ` }],
    ['another time', { headers: signed(`t=1767225601,v1=${DIGEST}`) }],
    ['another secret', { headers: signed(signCacheWebhook('of somebody else', BODY, NOW_MS)) }],
    ['no signature', { headers: {} }],
    ['two signatures', { headers: signed(['a', 'b']) }],
    ['a time that is none', { headers: signed(`t=NaN,v1=${DIGEST}`) }],
    ['a digest without its scheme', { headers: signed(DIGEST) }],
    ['a shorter digest', { headers: signed(`t=${SECONDS},v1=ab`) }],
    ['no digest', { headers: signed(`t=${SECONDS},v1=`) }],
  ])('is wrong for %s', (_what, call) => {
    expect(verified(call)).toBe(false);
  });

  it('holds for five minutes either way, or as long as is said', () => {
    expect(verified({}, NOW_MS + 300_000)).toBe(true);
    expect(verified({}, NOW_MS + 300_001)).toBe(false);
    expect(verified({}, NOW_MS - 300_001)).toBe(false);
    const options = { nowMs: NOW_MS + 1_001, toleranceMs: 1_000 };
    const call = { body: BODY, headers: headers as Record<string, string> };
    expect(verifyCacheWebhook(SECRET, call, options)).toBe(false);
  });
});
