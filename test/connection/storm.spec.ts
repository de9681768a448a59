import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { runProgram } from './run-program.fixture.js';
import type { StormReport } from './storm.program.js';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeWithServer('A connection to a server that turns into a replica', () => {
  let server: RedisServerProcess;

  beforeEach(async () => {
    server = await RedisServerProcess.start();
  });

  afterEach(() => server.stop());

  it('is cut once, not once for each write that is refused', async () => {
    const { code, stdout, stderr } = await runProgram('storm.program.ts', server.url);
    // No warning of leaking listeners, no error that nobody handled, nothing that ioredis prints.
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout) as StormReport;
    expect(report.outages).toEqual([expect.stringMatching(/^READONLY/)]);
    expect(report.listenersAfter).toEqual(report.listenersBefore);
  }, 40_000);
});
