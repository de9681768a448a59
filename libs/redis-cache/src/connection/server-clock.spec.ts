import { failing, replyError } from '../../../../test/support/fake-redis-client.js';
import { FakeClock } from '../../../../test/support/fake-clock.js';
import { ServerClock } from './server-clock.js';

describe('ServerClock', () => {
  const startMs = 1_000_000;
  let clock: FakeClock;
  let server: ServerClock;

  const offsetMs = (): number => server.nowMs() - clock.nowMs();

  beforeEach(() => {
    clock = new FakeClock(startMs);
    server = new ServerClock(clock);
  });

  it('is the local clock until it learns better', () => {
    expect(offsetMs()).toBe(0);
  });

  it('takes the time of a reply for that of the middle of its way', () => {
    server.learn(startMs + 5_000, startMs, startMs + 10);
    expect(offsetMs()).toBe(4_995);
  });

  it('keeps the sample with the shortest way', () => {
    server.learn(startMs + 500, startMs, startMs + 2);
    server.learn(startMs + 900, startMs, startMs + 80);
    expect(offsetMs()).toBe(499);
    server.learn(startMs + 700, startMs, startMs + 1);
    expect(offsetMs()).toBe(699.5);
  });

  it('replaces a sample that has grown old, for clocks drift', () => {
    server.learn(startMs + 500, startMs, startMs + 2);
    const laterMs = startMs + 60_002;
    server.learn(laterMs + 900, laterMs - 40, laterMs);
    expect(offsetMs()).toBe(920);
  });

  it.each([
    ['no number', NaN, 1],
    ['an answer before its question', startMs, -1],
  ])('ignores %s', (_what, serverMs, wayMs) => {
    server.learn(serverMs, startMs, startMs + wayMs);
    expect(offsetMs()).toBe(0);
  });

  it('asks a server, whose answer counts more than all before', async () => {
    server.learn(startMs + 500, startMs, startMs);
    await server.ask(() => Promise.resolve(['2000', '500000']));
    expect(server.nowMs()).toBe(2_000_500);
  });

  it('does without where TIME is not allowed, and fails where Redis is away', async () => {
    const noPermission = replyError('NOPERM this user has no permissions');
    await server.ask(() => failing(noPermission)('time') as Promise<never>);
    expect(offsetMs()).toBe(0);
    const loading = replyError('LOADING Redis is loading');
    await expect(server.ask(() => Promise.reject(loading))).rejects.toBe(loading);
  });
});
