import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands for an application that serves its metrics. */
export class AppMetricsServer {
  /** What it answers; a status instead, where something is wrong with it. */
  answer: string | number = '';
  headers: IncomingHttpHeaders = {};
  private readonly server: Server = createServer((request, response) => {
    this.headers = request.headers;
    if (typeof this.answer === 'number') response.writeHead(this.answer).end();
    else response.end(this.answer);
  });

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/metrics`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
