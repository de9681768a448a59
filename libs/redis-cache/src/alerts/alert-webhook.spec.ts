import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeClock } from '../../../../test/support/fake-clock.js';
import { until } from '../../../../test/support/until.js';
import { verifyCacheWebhook } from '../signing/webhook-signature.js';
import { AlertWebhook, type WebhookSettings } from './alert-webhook.js';

const SECRET = 'a secret of some length';

interface Received {
  readonly request: IncomingMessage;
  readonly body: string;
  readonly response: ServerResponse;
}

/** Takes posts, and answers when the test says so. */
class Receiver {
  readonly received: Received[] = [];
  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      this.received.push({ request, body, response });
      this.arrivals.emit('post');
    });
  });
  private readonly arrivals = new EventEmitter();

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/hooks/T0P-S3CRET?token=hidden`;
  }

  /** The post of this number, from 1, once it is there. */
  async post(number: number): Promise<Received> {
    while (this.received.length < number) await once(this.arrivals, 'post');
    return this.received[number - 1] as Received;
  }

  async answer(number: number, status: number, headers = {}): Promise<Received> {
    const post = await this.post(number);
    post.response.writeHead(status, headers).end('whatever');
    return post;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

describe('the webhook of alerts', () => {
  let receiver: Receiver;
  let url: string;

  beforeEach(async () => {
    receiver = new Receiver();
    url = await receiver.start();
  });

  afterEach(() => receiver.stop());

  function webhook(settings: Partial<WebhookSettings> = {}) {
    const clock = new FakeClock();
    const schedule = jest.spyOn(clock, 'schedule');
    /** The pause of that length has begun. */
    const pausing = (ms: number) => until(() => schedule.mock.lastCall?.[0] === ms);
    const failures: string[] = [];
    const whole = {
      url,
      secret: SECRET,
      headers: { authorization: 'Bearer me' },
      timeoutMs: 5_000,
      attempts: 3,
      retryMs: 1_000,
      maxQueued: 2,
      ...settings,
    };
    const hook = new AlertWebhook(whole, {
      clock,
      wallClockMs: () => clock.nowMs(),
      random: () => 0,
      onFailure: (reason) => failures.push(reason),
    });
    return { hook, clock, failures, pausing };
  }

  it('posts the body as it is, signed', async () => {
    const { hook, clock } = webhook();
    hook.send('{"kind":"hitRate"}');
    const { request, body } = await receiver.answer(1, 204);
    expect([request.method, request.url, body]).toEqual([
      'POST',
      '/hooks/T0P-S3CRET?token=hidden',
      '{"kind":"hitRate"}',
    ]);
    const { headers } = request;
    expect([headers['content-type'], headers.authorization]).toEqual([
      'application/json',
      'Bearer me',
    ]);
    const options = { nowMs: clock.nowMs(), toleranceMs: 0 };
    expect(verifyCacheWebhook(SECRET, { body, headers }, options)).toBe(true);
    expect(verifyCacheWebhook('another secret', { body, headers }, options)).toBe(false);
    await until(() => hook.counts.delivered === 1);
    expect(hook.counts).toEqual({ delivered: 1, failed: 0, dropped: 0, queued: 0 });
    expect(clock.pending).toBe(0);
  });

  it('posts again after an error of the server, signed anew, with growing pauses', async () => {
    const { hook, clock, failures, pausing } = webhook();
    hook.send('{}');
    await receiver.answer(1, 500);
    await pausing(1_000);
    await clock.advance(999);
    expect(receiver.received).toHaveLength(1);
    await clock.advance(1);
    await receiver.answer(2, 429);
    await pausing(2_000);
    await clock.advance(2_000);
    const { request, body } = await receiver.answer(3, 200);
    const { headers } = request;
    const verified = verifyCacheWebhook(
      SECRET,
      { body, headers },
      { nowMs: clock.nowMs(), toleranceMs: 0 },
    );
    expect(verified).toBe(true);
    await until(() => hook.counts.delivered === 1);
    expect(failures).toEqual([]);
  });

  it('posts again where no answer comes in time, and gives up after some attempts', async () => {
    const { hook, clock, failures, pausing } = webhook();
    hook.send('{}');
    for (const attempt of [1, 2, 3]) {
      const { request } = await receiver.post(attempt);
      const cut = once(request.socket, 'close');
      await clock.advance(5_000);
      await cut;
      if (attempt < 3) {
        await pausing(1_000 * attempt);
        await clock.advance(1_000 * attempt);
      }
    }
    await until(() => hook.counts.failed === 1);
    expect(failures).toEqual(['no answer in time']);
    expect(receiver.received).toHaveLength(3);
  });

  it('posts again where nobody listens, and says no more than why', async () => {
    const nobody = new Receiver();
    const where = await nobody.start();
    await nobody.stop();
    const { hook, clock, failures, pausing } = webhook({ url: where, attempts: 2 });
    hook.send('{}');
    await pausing(1_000);
    await clock.advance(1_000);
    await until(() => hook.counts.failed === 1);
    expect(failures).toEqual(['ECONNREFUSED']);
  });

  it.each([400, 401, 404, 302])('gives up at once when the answer is %d', async (status) => {
    const { hook, failures } = webhook();
    hook.send('{}');
    await receiver.answer(1, status, { location: '/elsewhere' });
    await until(() => hook.counts.failed === 1);
    expect(failures).toEqual([`it answered ${status}`]);
    expect(receiver.received).toHaveLength(1);
  });

  it('posts one after the other, and drops the oldest of too many that wait', async () => {
    const { hook } = webhook();
    for (const body of ['1', '2', '3', '4', '5']) hook.send(body);
    expect(hook.counts).toEqual({ delivered: 0, failed: 0, dropped: 2, queued: 2 });
    for (const number of [1, 2, 3]) {
      await receiver.answer(number, 200);
      expect(receiver.received).toHaveLength(number);
    }
    await until(() => hook.counts.delivered === 3);
    expect(receiver.received.map(({ body }) => body)).toEqual(['1', '4', '5']);
  });

  it('ends at once, amid an attempt and amid a pause, and posts no more', async () => {
    const amidAttempt = webhook();
    amidAttempt.hook.send('1');
    amidAttempt.hook.send('2');
    const { request } = await receiver.post(1);
    const cut = once(request.socket, 'close');
    await amidAttempt.hook.close();
    await cut;

    const amidPause = webhook();
    amidPause.hook.send('3');
    await receiver.answer(2, 500);
    await amidPause.pausing(1_000);
    await amidPause.hook.close();
    amidPause.hook.send('4');
    for (const { clock, failures } of [amidAttempt, amidPause]) {
      await clock.advance(600_000);
      expect([clock.pending, failures]).toEqual([0, []]);
    }
    expect(receiver.received.map(({ body }) => body)).toEqual(['1', '3']);
  });
});
