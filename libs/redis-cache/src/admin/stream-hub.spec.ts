import { EventEmitter } from 'node:events';
import { FakeClock } from '../../../../test/support/fake-clock.js';
import type { Alert } from '../cache/alert.js';
import { AdminProblemException } from './admin-problem.js';
import type { AdminPrincipal } from './admin.contract.js';
import { resolveAdminOptions, resolveSurface } from './admin.options.js';
import { EventLog } from './event-log.js';
import { StreamHub } from './stream-hub.js';
import type { StreamSink } from './stream-listener.js';

const OPERATOR: AdminPrincipal = { kind: 'operator' };
const ACME: AdminPrincipal = { kind: 'tenant', tenant: 'acme' };

const RAISED: Alert = {
  id: '1',
  kind: 'hitRate',
  value: 0.4,
  threshold: 0.5,
  sinceMs: 0,
};

/** A response that is full when the test says so. */
class FakeSink extends EventEmitter implements StreamSink {
  readonly written: string[] = [];
  isFull = false;
  end = jest.fn();
  destroy = jest.fn();

  write(text: string): boolean {
    this.written.push(text);
    return !this.isFull;
  }

  drain(): void {
    this.isFull = false;
    this.emit('drain');
  }

  /** Data of all that came as one kind of event. */
  told<Data = { readonly events: readonly object[] }>(kind: string): Data[] {
    return this.written
      .filter((text) => text.includes(`event: ${kind}\n`))
      .map((text) => JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '') as Data);
  }
}

describe('StreamHub', () => {
  let clock: FakeClock;
  let log: EventLog;
  let hub: StreamHub;
  const report = jest.fn();

  const eviction = (tenant = 'acme') => {
    log.note({ type: 'evict', severity: 'info', tenant, summary: 'gone' }, clock.nowMs());
  };
  const listen = (principal: AdminPrincipal = OPERATOR, after = 0): FakeSink => {
    const sink = new FakeSink();
    hub.open(sink, principal, after);
    return sink;
  };

  beforeEach(() => {
    clock = new FakeClock();
    log = new EventLog(500);
    const options = resolveAdminOptions(
      { stream: { interval: '2s', maxListeners: 3, slowAfter: '5s', maxAge: '1m' } },
      resolveSurface({ unprotected: true }),
    );
    report.mockReset().mockReturnValue({
      total: {},
      tenants: { calls: [{ tenant: 'acme', count: 5, excess: 2 }], loads: [] },
    });
    hub = new StreamHub(
      { statistics: { report } } as never,
      options,
      { log } as never,
      { of: () => ({ status: 'ok' }) } as never,
      clock,
      { active: [RAISED] },
    );
    hub.onModuleInit();
  });

  it('has no timer and asks for nothing while nobody listens', async () => {
    eviction();
    await clock.advance(10_000);
    expect(clock.pending).toBe(0);
    expect(report).not.toHaveBeenCalled();
    const sink = listen();
    sink.emit('close');
    expect(clock.pending).toBe(0);
  });

  it('sends figures at once and at every interval', async () => {
    const sink = listen();
    expect(sink.told('figures')).toHaveLength(1);
    await clock.advance(5_999);
    expect(sink.told('figures')).toHaveLength(3);
  });

  it('makes the figures of operators once for all of them', () => {
    const [first, second] = [listen(), listen()];
    report.mockClear();
    log.note({ type: 'state', severity: 'error', summary: 'away' }, clock.nowMs());
    return clock.advance(0).then(() => {
      expect(report.mock.calls).toEqual([['1m'], ['start']]);
      expect(first.told('figures')).toEqual(second.told('figures'));
    });
  });

  it('gathers the events of a moment, and does not wait where the connection changes', async () => {
    const sink = listen();
    eviction();
    eviction();
    await clock.advance(199);
    expect(sink.told('events')).toEqual([]);
    await clock.advance(1);
    expect(sink.told('events')).toMatchObject([{ gap: false, events: [{}, {}] }]);

    eviction();
    log.note({ type: 'state', severity: 'error', summary: 'away' }, clock.nowMs());
    await clock.advance(0);
    expect(sink.told('events')[1]?.events).toMatchObject([{ type: 'evict' }, { type: 'state' }]);
    expect(sink.told('figures')).toHaveLength(2);
    await clock.advance(200);
    expect(sink.told('events')).toHaveLength(2);
  });

  it('tells what is raised, at once when that changes', async () => {
    const sink = listen();
    log.note({ type: 'alert', severity: 'error', summary: 'raised' }, clock.nowMs());
    await clock.advance(0);
    expect(sink.told('events')).toMatchObject([{ events: [{ type: 'alert' }] }]);
    expect(sink.told<{ alerts: unknown }>('figures').map(({ alerts }) => alerts)).toEqual([
      [RAISED],
      [RAISED],
    ]);
    const tenant = listen(ACME);
    expect(tenant.told('figures')).toEqual([expect.not.objectContaining({ alerts: [RAISED] })]);
  });

  it('tells a tenant of its own events, and its own figures', async () => {
    const sink = listen(ACME);
    eviction('rival');
    await clock.advance(200);
    expect(sink.told('events')).toEqual([]);
    eviction('acme');
    await clock.advance(200);
    expect(sink.told('events')).toMatchObject([{ events: [{ tenant: 'acme' }] }]);
    expect(sink.told('figures')).toEqual([
      { principal: 'tenant', tenant: 'acme', calls: 3, loads: null },
    ]);
  });

  it('writes nothing to a listener that is full, however much happens', async () => {
    const sink = listen();
    sink.isFull = true;
    eviction();
    await clock.advance(200);
    const written = sink.written.length;
    for (let many = 0; many < 10_000; many += 1) eviction();
    await clock.advance(2_000);
    expect(sink.written).toHaveLength(written);

    sink.drain();
    const last = sink.told('events').at(-1);
    expect(last).toMatchObject({ gap: true });
    expect(last?.events).toHaveLength(100);
    expect(sink.written.at(-1)).toContain(`id: ${log.last}\n`);
  });

  it('drops one that stays full, and keeps the others', async () => {
    const [slow, quick] = [listen(), listen()];
    slow.isFull = true;
    await clock.advance(5_999);
    expect(slow.destroy).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(slow.destroy).toHaveBeenCalledTimes(1);
    expect(slow.end).not.toHaveBeenCalled();
    expect(quick.destroy).not.toHaveBeenCalled();
    expect(hub.use).toEqual({ listeners: 1, maxListeners: 3 });
  });

  it('gives a sign of life every second, whether there is anything to tell or not', async () => {
    const sink = listen();
    const before = sink.written.length;
    await clock.advance(1_999);
    expect(sink.written.slice(before)).toEqual([':\n\n']);
  });

  it('ends one that has listened for long', async () => {
    const sink = listen();
    await clock.advance(59_999);
    expect(sink.end).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(sink.end).toHaveBeenCalledTimes(1);
    expect(clock.pending).toBe(0);
  });

  it('takes so many and no more', () => {
    for (let number = 0; number < 3; number += 1) {
      hub.assertRoom();
      listen();
    }
    expect(() => {
      hub.assertRoom();
    }).toThrow(AdminProblemException);
  });

  it('forgets one whose connection fails', () => {
    listen().emit('error', new Error('reset'));
    expect(hub.use.listeners).toBe(0);
  });

  it('ends all of them when the application closes, without waiting for those that are full', () => {
    const [quick, slow] = [listen(), listen()];
    slow.isFull = true;
    log.note({ type: 'state', severity: 'info', summary: 'closed' }, clock.nowMs());
    return clock.advance(0).then(() => {
      hub.onModuleDestroy();
      expect([quick.end.mock.calls, quick.destroy.mock.calls]).toEqual([[[]], []]);
      expect([slow.end.mock.calls, slow.destroy.mock.calls]).toEqual([[], [[]]]);
      expect(clock.pending).toBe(0);
      expect(() => {
        hub.assertRoom();
      }).toThrow('It is closing');
      eviction();
      expect(clock.pending).toBe(0);
    });
  });
});
