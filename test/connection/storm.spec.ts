import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { runProgram } from './run-program.fixture.js';
import type { StormReport } from './storm.program.js';

const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeWithServer('A connection that comes and goes', () => {
  let server: RedisServerProcess;

  beforeEach(async () => {
    server = await RedisServerProcess.start();
  });

  afterEach(() => server.stop());

  const weather = async (storm: string): Promise<StormReport> => {
    const { code, stdout, stderr } = await runProgram('storm.program.ts', server.url, storm);
    // No warning of leaking listeners, no error that nobody handled, nothing that ioredis prints.
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as StormReport;
  };

  it('leaves nothing behind, here or at the server, in twenty reconnects', async () => {
    const report = await weather('reconnects');
    expect(report.outages).toHaveLength(20);
    expect(report.listenersAfter).toEqual(report.listenersBefore);
    expect(report.clientsAtServer).toBe(2); // and the one that looked
  }, 40_000);

  it('is cut once, not once for each write that a replica refuses', async () => {
    const report = await weather('replica');
    expect(report.outages).toEqual([expect.stringMatching(/^READONLY/)]);
    expect(report.listenersAfter).toEqual(report.listenersBefore);
  }, 40_000);
});
