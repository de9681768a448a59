import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { RedisServerProcess } from '../redis/redis-server.js';

/** Files of certificates, which an authority of the tests has signed. */
export const TLS_FILES = {
  authority: join(__dirname, 'authority.pem'),
  clientCertificate: join(__dirname, 'client.pem'),
  clientKey: join(__dirname, 'client.key.pem'),
} as const;

/** What they hold. */
export const TLS = {
  authority: readFileSync(TLS_FILES.authority),
  clientCertificate: readFileSync(TLS_FILES.clientCertificate),
  clientKey: readFileSync(TLS_FILES.clientKey),
} as const;

/** A server that speaks TLS on one port, and on another in the clear, for the test itself. */
export class TlsServer {
  private constructor(
    readonly plain: RedisServerProcess,
    readonly port: number,
  ) {}

  /** @param clients whether those who connect have to show a certificate */
  static async start({ clients = false } = {}): Promise<TlsServer> {
    const port = await freePort();
    const files = {
      'tls-cert-file': join(__dirname, 'server.pem'),
      'tls-key-file': join(__dirname, 'server.key.pem'),
      'tls-ca-cert-file': TLS_FILES.authority,
      'tls-auth-clients': clients ? 'yes' : 'no',
      'tls-port': `${port}`,
    };
    const args = Object.entries(files).flatMap(([name, value]) => [`--${name}`, value]);
    return new TlsServer(await RedisServerProcess.start({ args }), port);
  }

  get url(): string {
    return `rediss://127.0.0.1:${this.port}`;
  }
}
