import { isIP } from 'node:net';
import { foundBy, type Check, type Finding, type Subject } from './finding.js';

const found = foundBy('transport');
const DAY_MS = 86_400_000;
const EXPIRES_SOON_DAYS = 21;

/** Who can read along, and who can get in. */
export const checkTransport: Check = (subject) => {
  const { security, hosts } = subject.session.target;
  const local = hosts.every(isLoopback);
  const findings: Finding[] = [];
  if (security.tls)
    findings.push(security.verified ? found('ok', 'TLS, certificate checked') : unverified());
  else if (local) findings.push(found('ok', 'no TLS, on this machine alone'));
  else {
    findings.push(
      found(
        'warning',
        'no TLS: values and the password cross the network in the clear',
        'Use rediss://, or make sure that nobody else is on that network.',
      ),
    );
  }
  if (!security.password) {
    findings.push(
      found(
        local ? 'info' : 'error',
        'no password: whoever reaches the port reads and writes every tenant',
        'Give Redis a user and password (ACL SETUSER), and put them into REDIS_URL.',
      ),
    );
  }
  return [...findings, ...certificate(subject)];
};

function unverified(): Finding {
  return found(
    'error',
    'TLS, and the certificate is not checked: anybody can pose as Redis',
    'Give the authority that signed it, with --tls-ca, instead of --tls-insecure.',
  );
}

interface SecureStream {
  getPeerCertificate?(): { readonly valid_to?: string };
}

function certificate({ session: { client, clock } }: Subject): Finding[] {
  const [server] = 'nodes' in client ? client.nodes('master') : [client];
  const stream = server?.stream as SecureStream | undefined;
  const until = stream?.getPeerCertificate?.().valid_to;
  if (until === undefined) return [];
  const days = Math.floor((Date.parse(until) - clock.nowMs()) / DAY_MS);
  const text = `the certificate of Redis expires in ${days} days`;
  if (days >= EXPIRES_SOON_DAYS) return [found('ok', text)];
  return [found('warning', text, 'Renew it: every connection fails from then on.')];
}

function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === 'localhost' || host === '::1';
}
