import { once } from 'node:events';
import { connect } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { FakeClock } from '../../../../test/support/fake-clock.js';
import { FarTimeoutError } from '../errors/far-tier.error.js';
import { SystemClock } from './clock.js';
import { withDeadline } from './deadline.js';

const never = new Promise<never>(() => undefined);

describe('withDeadline', () => {
  let clock: FakeClock;

  beforeEach(() => {
    clock = new FakeClock();
  });

  it('gives the result, and leaves no timer behind', async () => {
    await expect(withDeadline(Promise.resolve(1), 100, clock)).resolves.toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('gives the error as it is, and leaves no timer behind', async () => {
    const error = new Error('no');
    await expect(withDeadline(Promise.reject(error), 100, clock)).rejects.toBe(error);
    expect(clock.pending).toBe(0);
  });

  it('rejects when the time is up, and not before', async () => {
    const settled = jest.fn();
    const late = withDeadline(never, 100, clock).catch(settled);
    await clock.advance(99);
    expect(settled).not.toHaveBeenCalled();
    await clock.advance(1);
    await late;
    expect(settled).toHaveBeenCalledWith(expect.any(FarTimeoutError));
    expect((settled.mock.lastCall as [FarTimeoutError])[0].timeoutMs).toBe(100);
  });

  it('drops what comes late', async () => {
    let fail: (error: Error) => void = () => undefined;
    const command = new Promise<never>((_, reject) => (fail = reject));
    const outcome = expect(withDeadline(command, 10, clock)).rejects.toThrow(FarTimeoutError);
    await clock.advance(10);
    await outcome;
    // Were it not handled, Jest would fail this test.
    fail(new Error('far too late'));
    await clock.advance(0);
  });

  describe('on the clock of the process', () => {
    const system = new SystemClock();

    it('reads an answer that arrived while the event loop was blocked, before it gives up', async () => {
      const answered = new Int32Array(new SharedArrayBuffer(4));
      const other = new Worker(ANSWERS_LATE, { eval: true, workerData: answered });
      try {
        const [port] = (await once(other, 'message')) as [number];
        const socket = connect(port, '127.0.0.1');
        await once(socket, 'connect');
        const answer = withDeadline(once(socket, 'data'), 50, system);
        // The last timer comes due amid this, and so does the answer; after immediates, timers run first.
        const blockUntilAnswered = () => {
          block(200);
          Atomics.wait(answered, 0, 0);
        };
        setTimeout(() => setImmediate(blockUntilAnswered), 35);
        await expect(answer).resolves.toHaveLength(1);
        socket.destroy();
      } finally {
        await other.terminate();
      }
    });

    it('counts a blocked event loop as half of the time at most, whenever it was blocked', async () => {
      const promise = new Promise((resolve) => setTimeout(resolve, 230, 'in time'));
      const outcome = withDeadline(promise, 100, system);
      setTimeout(block, 10, 200);
      await expect(outcome).resolves.toBe('in time');
    });

    it('is a few milliseconds late at most otherwise', async () => {
      const loopDelay = monitorEventLoopDelay({ resolution: 5 });
      loopDelay.enable();
      const startedAt = performance.now();
      await expect(withDeadline(never, 60, system)).rejects.toThrow(FarTimeoutError);
      const tookMs = performance.now() - startedAt;
      loopDelay.disable();
      expect(tookMs).toBeGreaterThan(55);
      expect(tookMs).toBeLessThan(110 + loopDelay.max / 1e6);
    });
  });
});

/** A server in a thread of its own, for a blocked event loop must not block it. */
const ANSWERS_LATE = `
  const { parentPort, workerData: answered } = require('node:worker_threads');
  const server = require('node:net').createServer((socket) => {
    const tell = () => {
      Atomics.store(answered, 0, 1);
      Atomics.notify(answered, 0);
    };
    setTimeout(() => socket.write('!', tell), 100);
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

function block(ms: number): void {
  const endAt = performance.now() + ms;
  while (performance.now() < endAt);
}
