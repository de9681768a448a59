import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { runProgram } from './run-program.fixture.js';

const EXIT_WITHIN_MS = 1_000;

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeWithServer('A process that has closed its connection', () => {
  let server: RedisServerProcess;

  beforeEach(async () => {
    server = await RedisServerProcess.start();
  });

  afterEach(() => server.stop());

  it.each([
    ['while Redis answered', async () => undefined],
    ['while Redis hung', async () => server.pause()],
    ['while Redis was gone', async () => server.kill()],
  ])('ends by itself: %s', async (_when, strike) => {
    await strike();
    const { code, stdout, stderr, lingeredMs } = await runProgram('idle.program.ts', server.url);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'closed', stderr: '' });
    expect(lingeredMs).toBeLessThan(EXIT_WITHIN_MS);
  });
});
