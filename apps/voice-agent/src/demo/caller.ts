import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Sends JSON over connections that stay open, as those who call a webhook often do. */
export class Caller {
  private readonly address: { readonly host: string; readonly port: string };
  private readonly agent: Agent;

  constructor(url: string, maxSockets: number) {
    const { hostname: host, port } = new URL(url);
    this.address = { host, port };
    this.agent = new Agent({ keepAlive: true, maxSockets });
  }

  send(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: unknown,
  ): Promise<Answer> {
    const payload = JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          ...this.address,
          method,
          path,
          agent: this.agent,
          headers: {
            ...headers,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(payload),
          },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.once('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
        },
      );
      sent.once('error', reject).end(payload);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
