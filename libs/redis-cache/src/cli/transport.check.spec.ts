import { FakeClock } from '../../../../test/support/fake-clock.js';
import type { Subject } from './finding.js';
import { checkTransport } from './transport.check.js';

const NOW_MS = Date.UTC(2026, 0, 1);

/** A server behind TLS whose certificate ends after so many days. */
function behindTls(days: number): Subject {
  const until = new Date(NOW_MS + days * 86_400_000).toUTCString();
  const stream = { getPeerCertificate: () => ({ valid_to: until }) };
  const session = {
    client: { stream },
    clock: new FakeClock(NOW_MS),
    target: {
      hosts: ['redis.example.com'],
      security: { tls: true, verified: true, password: true },
    },
  };
  return { session } as unknown as Subject;
}

describe('checkTransport', () => {
  it.each([
    [22, 'ok'],
    [21, 'ok'],
    [20, 'warning'],
    [0, 'warning'],
  ])('a certificate that expires in %d days is %s', async (days, severity) => {
    const [tls, certificate] = await checkTransport(behindTls(days));
    expect(tls).toEqual({ check: 'transport', severity: 'ok', found: 'TLS, certificate checked' });
    expect(certificate).toMatchObject({
      severity,
      found: `the certificate of Redis expires in ${days} days`,
    });
  });
});
