import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import Redis from 'ioredis';
import { EmbeddedPostgres } from '../../apps/voice-agent/src/embedded/embedded-postgres.js';
import { ValkeyProcess } from '../../apps/voice-agent/src/embedded/valkey-process.js';
import { emptyDatabaseFolder, type DatabaseFolder } from '../support/postgres/prepared-database.js';

jest.setTimeout(60_000);

const REGISTER = join(__dirname, '../support/typescript/register.cjs');

describe('the embedded Valkey', () => {
  const connect = (url: string) => {
    const redis = new Redis(url, { retryStrategy: () => null });
    redis.on('error', () => undefined);
    return redis;
  };

  it('answers one command after the other without delay, large answers too', async () => {
    const valkey = await ValkeyProcess.start();
    const redis = connect(valkey.url);
    await redis.set('key', 'x'.repeat(50_000));
    const startedAt = performance.now();
    for (let round = 0; round < 50; round += 1) await redis.get('key');
    // It takes 0.3 ms each; with the delays that the host removes it would be 40 ms and more.
    expect((performance.now() - startedAt) / 50).toBeLessThan(20);
    redis.disconnect();
    await valkey.stop();
  });

  it('ends when it is told to, also while it is frozen', async () => {
    for (const end of ['stop', 'kill'] as const) {
      const valkey = await ValkeyProcess.start();
      const redis = connect(valkey.url);
      await redis.ping();
      const closed = once(redis, 'end');
      if (end === 'kill') valkey.freeze();
      await valkey[end]();
      await closed;
      await valkey[end]();
    }
  });

  it('does not outlive the process that started it', async () => {
    const path = join(__dirname, '../../apps/voice-agent/src/embedded/valkey-process.ts');
    const script = `
      require(${JSON.stringify(path)}).ValkeyProcess.start().then(({ url }) => console.log(url));
      setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--require', REGISTER, '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url] = (await once(owner.stdout.setEncoding('utf8'), 'data')) as [string];
    const redis = connect(url.trim());
    await redis.ping();
    const closed = once(redis, 'end');
    owner.kill('SIGKILL');
    await closed;
  });
});

describe('the embedded PostgreSQL', () => {
  let place: DatabaseFolder;

  beforeEach(async () => {
    place = await emptyDatabaseFolder();
  });
  afterEach(() => place.remove());

  it('lets the event loop turn between queries that wait for each other', async () => {
    const database = await EmbeddedPostgres.open(place.folder);
    let turns = 0;
    const turn = setInterval(() => (turns += 1), 0);
    const slow = 'select count(*) from generate_series(1, 50000)';
    await Promise.all(Array.from({ length: 50 }, () => database.query(slow)));
    clearInterval(turn);
    expect(turns).toBeGreaterThan(5);
    await database.close();
  });

  it.each(['a folder', 'memory'])('goes on after a query that failed, in %s', async (where) => {
    const database = await EmbeddedPostgres.open(where === 'memory' ? 'memory://' : place.folder);
    const failed = database.query('select nothing');
    const next = database.query('select 1 as one');
    await expect(failed).rejects.toThrow('column "nothing" does not exist');
    expect((await next).rows).toEqual([{ one: 1 }]);
    await database.close();
  });
});
