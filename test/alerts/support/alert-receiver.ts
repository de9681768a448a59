import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyCacheWebhook, type AlertPost } from 'nestjs-redis-cache';

export const ALERT_SECRET = 'the secret of the tests';

/** Receives alerts, and refuses what is not signed. */
export class AlertReceiver {
  readonly posts: AlertPost[] = [];
  private readonly server: Server;
  private readonly waiting = new Set<() => void>();

  /** @param status what it answers to what is signed */
  constructor(status = 204) {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        if (!verifyCacheWebhook(ALERT_SECRET, { body, headers: request.headers })) {
          response.writeHead(401).end();
          return;
        }
        this.posts.push(JSON.parse(body.toString()) as AlertPost);
        response.writeHead(status).end();
        for (const look of this.waiting) look();
      });
    });
  }

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/hooks/T0P-S3CRET`;
  }

  /** Resolves with the posts once there are as many. */
  async received(count: number): Promise<readonly AlertPost[]> {
    while (this.posts.length < count) {
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
    return this.posts;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
