import { createHmac } from 'node:crypto';
import { signatureHeaders, verifyWebhook } from './webhook-signature.js';

const SECRET = 'a secret of some length';
const NOW_MS = Date.UTC(2026, 0, 1);
const BODY = '{"kind":"hitRate","text":"für alle"}';

describe('the signature of a webhook', () => {
  const headers = signatureHeaders(SECRET, BODY, NOW_MS);
  const verified = (post: { body?: string | Uint8Array; headers?: object }, nowMs = NOW_MS) =>
    verifyWebhook(SECRET, { body: BODY, headers, ...post } as never, { nowMs });

  it('is an HMAC-SHA256 over timestamp and body', () => {
    const digest = createHmac('sha256', SECRET).update(`${NOW_MS}.${BODY}`).digest('hex');
    expect(headers).toEqual({
      'x-cache-timestamp': '1767225600000',
      'x-cache-signature': `sha256=${digest}`,
    });
  });

  it('is right for this body, as text or as bytes', () => {
    expect(verified({})).toBe(true);
    expect(verified({ body: Buffer.from(BODY) })).toBe(true);
  });

  it.each<[string, object]>([
    ['another body', { body: `${BODY} ` }],
    ['another time', { headers: { ...headers, 'x-cache-timestamp': String(NOW_MS + 1) } }],
    ['another secret', { headers: signatureHeaders('of somebody else', BODY, NOW_MS) }],
    ['no signature', { headers: { 'x-cache-timestamp': String(NOW_MS) } }],
    ['no time', { headers: { 'x-cache-signature': headers['x-cache-signature'] } }],
    ['two signatures', { headers: { ...headers, 'x-cache-signature': ['a', 'b'] } }],
    ['a time that is none', { headers: { ...headers, 'x-cache-timestamp': 'NaN' } }],
    ['a digest without its scheme', { headers: { ...headers, 'x-cache-signature': 'ab' } }],
    ['a shorter digest', { headers: { ...headers, 'x-cache-signature': 'sha256=ab' } }],
    ['no digest', { headers: { ...headers, 'x-cache-signature': 'sha256=' } }],
  ])('is wrong for %s', (_what, post) => {
    expect(verified(post)).toBe(false);
  });

  it('holds for five minutes either way, or as long as is said', () => {
    expect(verified({}, NOW_MS + 300_000)).toBe(true);
    expect(verified({}, NOW_MS + 300_001)).toBe(false);
    expect(verified({}, NOW_MS - 300_001)).toBe(false);
    const options = { nowMs: NOW_MS + 1_001, toleranceMs: 1_000 };
    expect(verifyWebhook(SECRET, { body: BODY, headers }, options)).toBe(false);
  });
});
