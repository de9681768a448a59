import type { AdminPrincipal } from './admin.contract.js';
import { EventLog, type ToldEvent } from './event-log.js';

const OPERATOR: AdminPrincipal = { kind: 'operator' };
const ACME: AdminPrincipal = { kind: 'tenant', tenant: 'acme' };

const evicted = (tenant?: string | null): ToldEvent => ({
  type: 'evict',
  severity: 'info',
  summary: 'gone',
  ...(tenant !== undefined && { tenant }),
});
const outage: ToldEvent = { type: 'state', severity: 'error', summary: 'away' };

describe('EventLog', () => {
  it('gives what came after an event, the oldest first', () => {
    const log = new EventLog(10);
    log.note(evicted('acme'), 1_000.7);
    log.note(outage, 1_000.9);
    log.note(evicted('acme'), 1_002);
    const { events } = log.since(0, OPERATOR, 100);
    expect(events.map(({ id, atMs, type }) => [id, atMs, type])).toEqual([
      [1_000_000, 1_000, 'evict'],
      [1_000_001, 1_000, 'state'],
      [1_002_000, 1_002, 'evict'],
    ]);
    expect(log.since(1_000_001, OPERATOR, 100)).toEqual({ events: events.slice(2), gap: false });
    expect(log.last).toBe(1_002_000);
  });

  it('gives the latest where there are more than asked for, and says so', () => {
    const log = new EventLog(10);
    for (let ms = 1; ms <= 3; ms += 1) log.note(evicted('acme'), ms);
    const { events, gap } = log.since(0, OPERATOR, 2);
    expect([events.map(({ atMs }) => atMs), gap]).toEqual([[2, 3], true]);
  });

  it('never goes back in its ids, whatever the clock does', () => {
    const log = new EventLog(10);
    log.note(outage, 2_000);
    log.note(outage, 1_000);
    expect(log.since(0, OPERATOR, 10).events.map(({ id }) => id)).toEqual([2_000_000, 2_000_001]);
  });

  it('keeps an outage through a storm of evictions', () => {
    const log = new EventLog(10);
    log.note(outage, 1);
    for (let ms = 2; ms < 1_000; ms += 1) log.note(evicted('acme'), ms);
    const { events, gap } = log.since(0, OPERATOR, 100);
    expect(events.map(({ type }) => type)).toEqual(['state', ...Array<string>(5).fill('evict')]);
    expect(gap).toBe(true);
    expect(log.since(events[1]?.id ?? 0, OPERATOR, 100).gap).toBe(false);
  });

  it('tells a tenant of its own alone: not of others, the global scope, or what is of nobody', () => {
    const log = new EventLog(10);
    for (const tenant of ['acme', 'rival', null, undefined]) log.note(evicted(tenant), 1);
    log.note(outage, 2);
    const { events } = log.since(0, ACME, 100);
    expect(events.map(({ tenant }) => tenant)).toEqual(['acme']);
  });

  it('tells listeners until they are removed', () => {
    const log = new EventLog(10);
    const heard = jest.fn();
    const stop = log.onNoted(heard);
    log.note(outage, 1);
    stop();
    log.note(outage, 2);
    expect(heard.mock.calls).toEqual([[{ id: 1_000, atMs: 1, ...outage }]]);
  });
});
