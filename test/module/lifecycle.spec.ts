import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ownPrefix } from '../support/cache-apps.js';
import { freePort } from '../support/free-port.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import type { LifecycleRequest } from './support/lifecycle.program.js';

const MAIN = join(__dirname, 'support/lifecycle.program.ts');
const REGISTER = join(__dirname, '../support/typescript/register.cjs');
const TIMEOUT_MS = 20_000;
/** A process that does not end by itself is ended after this, and fails its test. */
const PATIENCE_MS = 10_000;

type Scenario = LifecycleRequest['scenario'];

/** A process that does one thing, tells the outcome, and ends. */
class Lifecycle {
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown[]>;

  constructor(scenario: Scenario, url?: string) {
    const request: LifecycleRequest = { scenario, url, prefix: ownPrefix() };
    const child = fork(MAIN, [JSON.stringify(request)], {
      execArgv: ['--require', REGISTER],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
    });
    this.child = child;
    this.exited = once(child, 'exit');
  }

  /** What it says next. @throws it ended before */
  async message(): Promise<unknown> {
    const [message] = await Promise.race([once(this.child, 'message'), this.ended()]);
    return message as unknown;
  }

  tell(message: string): void {
    this.child.send(message);
  }

  /** What it came to, and how the process ended. */
  async end(): Promise<{ outcome: unknown; exit: unknown[] }> {
    return { outcome: await this.message(), exit: await this.exited };
  }

  private async ended(): Promise<never> {
    throw new Error(`The process ended without a word: ${String(await this.exited)}`);
  }
}

function run(scenario: Scenario, url?: string) {
  return new Lifecycle(scenario, url).end();
}

const REDIS_URL = String(process.env.REDIS_URL);
const BY_ITSELF = [0, null];

describe('a process', () => {
  jest.setTimeout(TIMEOUT_MS);

  describe.each([
    ['with Redis', REDIS_URL],
    ['without Redis', undefined],
  ])('%s ends by itself', (_mode, url) => {
    it.each<[Scenario, object]>([
      ['closed at once', { answer: 'lead 1' }],
      ['used after the end', { answer: 'lead 1' }],
      ['closed while it loads', { answer: 'The cache is closing' }],
    ])('once its application is %s', async (scenario, outcome) => {
      expect(await run(scenario, url)).toEqual({ outcome, exit: BY_ITSELF });
    });
  });

  it('ends by itself once its application is closed that was connected', async () => {
    expect(await run('closed while connected', REDIS_URL)).toEqual({
      outcome: { answers: ['lead 1', 'lead 1'], sockets: 0 },
      exit: BY_ITSELF,
    });
  });

  it("ends by itself with a client of the user's, which goes on till the user closes it", async () => {
    expect(await run("with a client of the user's", REDIS_URL)).toEqual({
      outcome: { pong: 'PONG' },
      exit: BY_ITSELF,
    });
  });

  it.each<[Scenario, string]>([
    ['with a provider that cannot be made', 'cannot be made'],
    [
      'with a decorator that is wrong',
      'Option @Cacheable on WronglyCached.byId.jitter is 80; expected a number from 0 to 1. ' +
        'It is a share: 0.8 means 80 %.',
    ],
  ])('ends by itself where its application does not boot: %s', async (scenario, error) => {
    expect(await run(scenario, REDIS_URL)).toEqual({ outcome: { error }, exit: BY_ITSELF });
  });

  it('ends by itself where Redis was never there', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    expect(await run('closed at once', url)).toEqual({
      outcome: { answer: 'lead 1' },
      exit: BY_ITSELF,
    });
  });

  const describeWithServer = hasRedisBinary() ? describe : describe.skip;

  describeWithServer('whose server', () => {
    let server: RedisServerProcess;

    beforeEach(async () => {
      server = await RedisServerProcess.start();
    });

    afterEach(() => server.stop());

    it('hangs from the start ends by itself', async () => {
      server.pause();
      expect(await run('closed at once', server.url)).toEqual({
        outcome: { answer: 'lead 1' },
        exit: BY_ITSELF,
      });
    });

    it.each<[string, (server: RedisServerProcess) => void | Promise<void>]>([
      ['hangs', (running) => running.pause()],
      ['is killed', (running) => running.kill()],
    ])('%s after it was connected ends by itself', async (_what, harm) => {
      const process = new Lifecycle('closed when told', server.url);
      expect(await process.message()).toBe('connected');
      await harm(server);
      const ending = process.end();
      process.tell('go on');
      expect(await ending).toEqual({
        outcome: { answer: 'lead 1', mode: 'fallback', sockets: 0 },
        exit: BY_ITSELF,
      });
    });
  });
});
