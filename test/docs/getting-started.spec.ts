import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { freePort } from '../support/free-port.js';
import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { untilPrinted } from '../support/until-printed.js';
import { describeGuide } from './guide.js';
import { blocksOf } from './markdown.js';
import { startProgram } from './run-program.js';

const RUN_TIMEOUT_MS = 60_000;
const REDIS = `{ url: 'redis://localhost:6379' }`;
const LISTEN = 'listen(3000)';
const ADDRESS = 'localhost:3000';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeGuide('docs/getting-started.md', (guide) => {
  const { code } = guide.program('Decorate a method');
  const answersShown = blocksOf(guide.text)
    .filter(({ language }) => language === 'text')
    .map((block) => block.code);

  /** The program of the guide, with another Redis and on another port. */
  async function programAt(url: string) {
    expect(code).toContain(REDIS);
    expect(code).toContain(LISTEN);
    const port = await freePort();
    const prefix = `${process.env.TEST_RUN_PREFIX ?? ''}:started:${randomUUID().slice(0, 8)}`;
    const program = code
      .replace(REDIS, `{ url: '${url}' }, prefix: '${prefix}'`)
      .replace(LISTEN, `listen(${port})`);
    return { program, call: (symbol?: string) => callAt(port, symbol) };
  }

  it(
    'has a program whose answers are those of the guide, also after a restart',
    async () => {
      const { program, call } = await programAt(process.env.REDIS_URL ?? '');
      const first = await running(program, async () => [await call(), await call()]);
      const afterRestart = await running(program, async () => [await call()]);
      expect([...first, ...afterRestart]).toEqual(answersShown);
    },
    RUN_TIMEOUT_MS,
  );

  describeWithServer('with a server of its own', () => {
    it(
      'has a program that answers on when Redis is stopped',
      async () => {
        const server = await RedisServerProcess.start();
        const { program, call } = await programAt(server.url);
        const answers = await running(program, async () => {
          await call();
          await server.stop();
          return [await call(), await call('OTHER')];
        });
        const others = answersShown[0]?.replaceAll('ACME', 'OTHER').replace('1}', '2}');
        expect(answers).toEqual([answersShown[1], others]);
      },
      RUN_TIMEOUT_MS,
    );
  });
});

/** What comes of using the program while it runs. */
async function running<T>(program: string, use: () => Promise<T>): Promise<T> {
  const child = startProgram(program);
  const exited = once(child, 'exit');
  try {
    await untilPrinted(child, ['successfully started', 'Connected to']);
    return await use();
  } finally {
    child.kill();
    await exited;
  }
}

/** A call as the guide shows it. */
async function callAt(port: number, symbol = 'ACME'): Promise<string> {
  const response = await fetch(`http://localhost:${port}/quotes/${symbol}`);
  const status = response.headers.get('x-cache-status') ?? '';
  const body = await response.text();
  return `$ curl -i ${ADDRESS}/quotes/${symbol}\nX-Cache-Status: ${status}\n${body}\n`;
}
