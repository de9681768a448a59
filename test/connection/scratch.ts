import { createClient } from '../../libs/redis-cache/src/connection/create-client.js';
import { RedisConnection } from '../../libs/redis-cache/src/connection/redis-connection.js';
import { SystemClock } from '../../libs/redis-cache/src/resilience/clock.js';
import { Script } from '../../libs/redis-cache/src/connection/script-runner.js';
import { RedisServerProcess } from '../support/redis/redis-server.js';
import { inspect } from 'node:util';

async function main() {
  const server = await RedisServerProcess.start();
  const client = createClient({ url: server.url });
  const c = new RedisConnection({ client, owned: true, clock: new SystemClock(), random: Math.random });
  const t0 = performance.now();
  const log = (...a: unknown[]) => console.log((performance.now() - t0).toFixed(1), ...a);
  c.events.on('state', ({ from, to }) => log(from.kind, '->', inspect(to)));
  c.events.on('outage', (e) => log('OUTAGE', e));
  c.events.on('recovered', (e) => log('RECOVERED', e));
  c.start();
  await c.whenSettled(1000);
  log('ping', await c.ping(), 'skew', c.serverNowMs() - Date.now());
  const s = new Script('x', 'return {KEYS[1], ARGV[1], 3}', 1);
  log(await c.run((cl) => s.run(cl, ['k'], [1])));
  // perf
  for (const [name, fn] of [
    ['raw', () => client.getBuffer('k')],
    ['run', () => c.run((cl) => cl.getBuffer('k'))],
    ['raw', () => client.getBuffer('k')],
    ['run', () => c.run((cl) => cl.getBuffer('k'))],
  ] as const) {
    const b = performance.now();
    for (let i = 0; i < 2000; i++) await Promise.all(Array.from({ length: 64 }, fn));
    log(name, (((performance.now() - b) / 128000) * 1000).toFixed(2), 'us');
  }
  server.pause();
  let max = 0; let fails = 0;
  const stopAt = performance.now() + 3000;
  setTimeout(() => { log('resume'); server.resume(); }, 3000);
  await Promise.all(Array.from({ length: 64 }, async () => {
    while (performance.now() < stopAt) {
      const b = performance.now();
      await c.run((cl) => cl.getBuffer('k')).catch(() => fails++);
      max = Math.max(max, performance.now() - b);
      if (!c.available) await new Promise((r) => setTimeout(r, 5));
    }
  }));
  log('max', max, fails);
  const b = performance.now();
  for (let i = 0; i < 1000; i++) await c.run((cl) => cl.getBuffer('k')).catch(() => 0);
  log('suspended call', (performance.now() - b), 'us', c.state);
  await new Promise<void>((r) => c.events.on('recovered', () => r()));
  await server.kill();
  await new Promise((r) => setTimeout(r, 300));
  log(c.state);
  await server.restart();
  await new Promise<void>((r) => c.events.on('recovered', () => r()));
  const b2 = performance.now();
  await c.close();
  log('close', performance.now() - b2, client.status);
  await server.stop();
}
void main();
