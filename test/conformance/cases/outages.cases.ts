import { setTimeout as sleep } from 'node:timers/promises';
import type { PeerNode } from '../../../bench/peer-cache.js';
import { bounded } from '../bounded.js';
import type { ConformanceCase } from '../conformance-case.js';
import { loading } from '../load-in-flight.js';
import type { Trial } from '../trial.js';
import { fail, Hung, passIf, type Verdict } from '../verdict.js';

const GROUP = 'Redis slow, away or back';
const KEY = 'lead';
/** What a call may take at the longest while Redis does not answer: four commands that time out. */
const PATIENCE_MS = 2_000;
const RECOVERY_MS = 10_000;

export const outageCases: readonly ConformanceCase[] = [
  {
    group: GROUP,
    name: 'Redis hangs: calls are answered',
    how: `The server is frozen (SIGSTOP) with its connections open. Five cold keys are asked for, one after the other; each answer has to come within ${PATIENCE_MS / 1_000} s.`,
    async run(trial) {
      const server = await trial.server();
      const node = await trial.node({}, server.url);
      await node.wrap('warm', loading('warm'));
      server.pause();
      try {
        return await answersInTime(node);
      } finally {
        server.resume();
      }
    },
  },
  {
    group: GROUP,
    name: 'Redis refuses connections: calls are answered',
    how: 'As above, with the server killed.',
    async run(trial) {
      const server = await trial.server();
      const node = await trial.node({}, server.url);
      await node.wrap('warm', loading('warm'));
      await server.kill();
      return answersInTime(node);
    },
  },
  {
    group: GROUP,
    name: 'Redis is absent at boot: calls are answered, and it is used once it is there',
    how: 'The process starts without a server, is asked for cold keys, and the server is started. What the process then stores has to reach Redis within 10 s.',
    async run(trial) {
      const server = await trial.server();
      await server.kill();
      const node = await trial.node({}, server.url);
      const absent = await answersInTime(node);
      if (absent.kind !== 'pass') return absent;
      await server.restart();
      const reached = await reachesRedis(trial, node, server.url);
      return passIf(reached, `${absent.seen}; ${reached ? 'then used' : 'never used'} Redis`);
    },
  },
  {
    group: GROUP,
    name: 'Redis comes back: it is used again',
    how: 'The server is killed and restarted while calls are made. What the process then stores has to reach Redis within 10 s.',
    async run(trial) {
      const server = await trial.server();
      const node = await trial.node({}, server.url);
      await node.wrap('warm', loading('warm'));
      await server.kill();
      await node.wrap(KEY, loading('away'));
      await server.restart();
      const reached = await reachesRedis(trial, node, server.url);
      return passIf(reached, reached ? 'used again' : 'never used again');
    },
  },
  {
    group: GROUP,
    name: 'What is evicted while Redis is away stays evicted when it comes back with its data',
    how: 'Redis holds `old`, and is killed; the key is evicted; Redis is restarted with its data (AOF). Once the process uses Redis again, a process that starts now is asked for the key.',
    run: evictedWhileAway,
  },
  {
    group: GROUP,
    name: 'What is evicted while Redis hangs stays evicted when it goes on',
    how: 'As above, with the server frozen and resumed.',
    run: evictedWhileHung,
  },
];

async function evictedWhileAway(trial: Trial): Promise<Verdict> {
  const server = await trial.server();
  const node = await nodeThatStored(trial, server.url);
  await server.kill();
  const outcome = await outcomeOf(node.evict(KEY));
  await server.restart();
  return servedAfter(trial, node, server.url, outcome);
}

async function evictedWhileHung(trial: Trial): Promise<Verdict> {
  const server = await trial.server();
  const node = await nodeThatStored(trial, server.url);
  server.pause();
  const outcome = await outcomeOf(node.evict(KEY)).finally(() => server.resume());
  return servedAfter(trial, node, server.url, outcome);
}

/** A node that has written `old`, when Redis has it: some write in the background. */
async function nodeThatStored(trial: Trial, url: string): Promise<PeerNode> {
  const node = await trial.node({}, url);
  await node.set(KEY, 'old');
  if (!(await trial.admin(url).comesToHold(KEY, PATIENCE_MS)))
    throw new Error('nothing was stored');
  return node;
}

async function outcomeOf(eviction: Promise<unknown>): Promise<string> {
  try {
    await eviction;
    return 'the eviction resolved';
  } catch (error) {
    return error instanceof Hung ? 'the eviction hung' : 'the eviction failed with an error';
  }
}

async function servedAfter(
  trial: Trial,
  node: PeerNode,
  url: string,
  outcome: string,
): Promise<Verdict> {
  if (!(await reachesRedis(trial, node, url)))
    return fail(`${outcome}; Redis was never used again`);
  const other = await answerOf(await trial.node({}, url));
  const same = await answerOf(node);
  const seen = `${outcome}; later \`${other}\` was answered by a process that started, \`${same}\` by the same`;
  return passIf(other === 'new' && same === 'new', seen);
}

/** What a node answers, where the first read may only make it look in Redis. */
async function answerOf(node: PeerNode): Promise<string> {
  for (let read = 0; read < 3; read++) {
    if ((await node.get(KEY)) === 'old') return 'old';
    await sleep(100);
  }
  return node.wrap(KEY, loading('new'));
}

/** Asks for cold keys one after the other, and measures the slowest answer. */
async function answersInTime(node: PeerNode): Promise<Verdict> {
  let slowestMs = 0;
  for (let call = 0; call < 5; call++) {
    const beganMs = performance.now();
    const value = await node.wrap(`cold-${call}`, loading('loaded'));
    slowestMs = Math.max(slowestMs, performance.now() - beganMs);
    if (value !== 'loaded') return fail(`answered \`${value}\``);
  }
  return passIf(slowestMs <= PATIENCE_MS, `slowest answer after ${Math.round(slowestMs)} ms`);
}

/** Whether, in time, something that the node stores comes to Redis. */
async function reachesRedis(trial: Trial, node: PeerNode, url: string): Promise<boolean> {
  const admin = trial.admin(url);
  const untilMs = Date.now() + RECOVERY_MS;
  for (let attempt = 0; Date.now() < untilMs; attempt++) {
    const key = `probe-${attempt}-`;
    const stored = bounded('set', node.set(key, attempt), PATIENCE_MS);
    await stored.catch(() => undefined);
    if (await admin.comesToHold(key, 100)) return true;
  }
  return false;
}
