import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { freePort } from '../support/redis/redis-server.js';
import { untilPrinted } from '../support/until-printed.js';
import { describeGuide } from './guide.js';
import { blocksOf } from './markdown.js';
import { startProgram } from './run-program.js';

const RUN_TIMEOUT_MS = 60_000;
const REDIS = `{ url: 'redis://localhost:6379' }`;
const LISTEN = 'listen(3000)';
const ADDRESS = 'localhost:3000';

describeGuide('docs/getting-started.md', (guide) => {
  const { code } = guide.program('Decorate a method');
  const answersShown = blocksOf(guide.text)
    .filter(({ language }) => language === 'text')
    .map((block) => block.code);

  it(
    'has a program whose answers are those of the guide, also after a restart',
    async () => {
      expect(code).toContain(REDIS);
      expect(code).toContain(LISTEN);
      const port = await freePort();
      const prefix = `${process.env.TEST_RUN_PREFIX ?? ''}:started:${randomUUID().slice(0, 8)}`;
      const program = code
        .replace(REDIS, `{ url: '${process.env.REDIS_URL ?? ''}' }, prefix: '${prefix}'`)
        .replace(LISTEN, `listen(${port})`);

      const answers = [...(await run(program, port, 2)), ...(await run(program, port, 1))];

      expect(answers).toEqual(answersShown);
    },
    RUN_TIMEOUT_MS,
  );
});

/** Starts the program and calls it so many times, one after the other. */
async function run(program: string, port: number, calls: number): Promise<string[]> {
  const child = startProgram(program);
  const exited = once(child, 'exit');
  try {
    await untilPrinted(child, ['successfully started', 'Connected to']);
    const shown: string[] = [];
    while (shown.length < calls) shown.push(await call(port));
    return shown;
  } finally {
    child.kill();
    await exited;
  }
}

/** A call as the guide shows it. */
async function call(port: number): Promise<string> {
  const response = await fetch(`http://localhost:${port}/quotes/ACME`);
  const status = response.headers.get('x-cache-status') ?? '';
  const body = await response.text();
  return `$ curl -i ${ADDRESS}/quotes/ACME\nX-Cache-Status: ${status}\n${body}\n`;
}
