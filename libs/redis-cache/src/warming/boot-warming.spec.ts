import { FakeClock } from '../../../../test/support/fake-clock.js';
import type { CacheEvents } from '../cache/cache-events.js';
import type { WarmOutcome, WarmProgress } from '../cache/warm-progress.js';
import type { ConnectionState } from '../connection/connection-state.js';
import { TypedEmitter } from '../resilience/emitter.js';
import { BootWarming } from './boot-warming.js';
import { ConnectionWait } from './connection-wait.js';
import type { Warmers } from './warmers.js';

const CONNECTING: ConnectionState = { kind: 'connecting' };
const READY: ConnectionState = { kind: 'ready', sinceMs: 0 };
const AWAY: ConnectionState = { kind: 'suspended', sinceMs: 0, reason: 'by command' };

/** Warmers that end as they are told, one outcome for each attempt. */
function boot(outcomes: Record<string, WarmOutcome[]>, state: ConnectionState | null = READY) {
  const clock = new FakeClock();
  const events = new TypedEmitter<CacheEvents>((_event, error) => {
    throw error;
  });
  let now = state;
  const connection = new ConnectionWait(events, () => now ?? undefined);
  const attempts: string[] = [];
  const warmers = {
    names: Object.keys(outcomes),
    warm: (name: string, unlessDone: boolean) => {
      attempts.push(`${name} ${String(unlessDone)}`);
      return Promise.resolve({ state: outcomes[name]?.shift() } as WarmProgress);
    },
  } as Warmers;
  const parts = { warmers, connection, clock, random: () => 0, leaseMs: 10_000 };
  const become = (to: ConnectionState) => {
    const from = now ?? CONNECTING;
    now = to;
    events.emit('state', { from, to });
  };
  return { booting: new BootWarming(parts), attempts, clock, become, connection };
}

describe('warming at boot', () => {
  it('runs each warmer that nobody has run lately, once', async () => {
    const { booting, attempts, clock } = boot({ a: ['warmed'], b: ['failed'], c: ['recent'] });
    await booting.begin();
    await clock.advance(600_000);
    expect(attempts).toEqual(['a true', 'b true', 'c true']);
    expect(clock.pending).toBe(0);
  });

  it('begins without Redis where none is configured', async () => {
    const { booting, attempts } = boot({ a: ['warmed'] }, null);
    await booting.begin();
    expect(attempts).toHaveLength(1);
  });

  it('begins when Redis is there', async () => {
    const { booting, attempts, clock, become } = boot({ a: ['warmed'] }, CONNECTING);
    const begun = booting.begin();
    become(AWAY);
    await clock.advance(60_000);
    expect(attempts).toEqual([]);
    become(READY);
    await begun;
    expect(attempts).toHaveLength(1);
  });

  it('watches what another process is at, and takes over', async () => {
    const { booting, attempts, clock } = boot({ a: ['elsewhere', 'elsewhere', 'warmed'] });
    await booting.begin();
    await clock.advance(4_999);
    expect(attempts).toHaveLength(1);
    await clock.advance(1);
    expect(attempts).toHaveLength(2);
    await clock.advance(600_000);
    expect(attempts).toHaveLength(3);
  });

  it.each<WarmOutcome>(['away', 'lost'])(
    'tries again what is %s, once Redis is there',
    async (outcome) => {
      const { booting, attempts, clock, become } = boot({ a: [outcome, 'warmed'] });
      await booting.begin();
      become(AWAY);
      await clock.advance(60_000);
      expect(attempts).toHaveLength(1);
      become(READY);
      await clock.advance(0);
      expect(attempts).toHaveLength(2);
    },
  );

  it('tries nothing again after the end, and leaves no timer', async () => {
    const { booting, attempts, clock } = boot({ a: ['elsewhere'] });
    await booting.begin();
    await clock.advance(0);
    booting.end();
    expect(clock.pending).toBe(0);
    await clock.advance(600_000);
    expect(attempts).toHaveLength(1);
  });

  it('leaves no timer for what comes back after the end', async () => {
    const { booting, clock, become, attempts } = boot({ a: ['warmed'] }, CONNECTING);
    void booting.begin();
    booting.end();
    become({ kind: 'closed' });
    await clock.advance(600_000);
    expect([attempts, clock.pending]).toEqual([[], 0]);
  });
});

describe('waiting for the connection', () => {
  it('ends when it is known whether Redis can be used', async () => {
    for (const known of [READY, AWAY]) {
      const { connection, become } = boot({}, CONNECTING);
      const judged = connection.judged();
      become({ kind: 'recovering', sinceMs: 0 });
      become(known);
      await judged;
    }
  });

  it('for an outage never ends where there is no Redis, and at once in one', async () => {
    const ended = jest.fn();
    void boot({}, null).connection.away().then(ended);
    await boot({}, AWAY).connection.away();
    expect(ended).not.toHaveBeenCalled();
  });
});
