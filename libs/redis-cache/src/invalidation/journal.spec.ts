import { FakeClock } from '../../../../test/support/fake-clock.js';
import { Gate } from '../../../../test/support/gate.js';
import { KeySpace } from '../keys/key-space.js';
import { Invalidations, type Invalidation } from './invalidation.js';
import { Journal } from './journal.js';

const KEYS = new KeySpace('test');
const BY = new Invalidations(KEYS);

function entry(key: string, tenant = 'acme'): Invalidation {
  const redisKey = KEYS.entry(tenant, 'lead', 1, key);
  return { level: 'entry', key: redisKey, tenant, cache: 'lead', version: 1 };
}

function journalOf(maxItems = 10_000, clock = new FakeClock()): Journal {
  return new Journal({ keepMs: 60_000, maxItems }, BY, clock);
}

async function replayed(journal: Journal): Promise<string[]> {
  const sent: string[] = [];
  await journal.replay(({ key }) => Promise.resolve(sent.push(key)));
  return sent;
}

describe('Journal', () => {
  it('replays once what it holds when the replay begins, however much is noted meanwhile', async () => {
    const journal = journalOf();
    journal.note(entry('first'));
    let replayed = 0;
    await journal.replay(async () => {
      replayed += 1;
      journal.note(entry(`later ${replayed}`));
    });
    expect(replayed).toBe(1);
    expect(journal.unacknowledged).toBe(1);
  });

  it('sends a long replay in portions, so that none of them outlasts the time of a command', async () => {
    const journal = journalOf();
    for (let i = 0; i < 1_200; i += 1) journal.note(entry(`k${i}`));
    let underWay = 0;
    let most = 0;
    let sent = 0;
    await journal.replay(async () => {
      sent += 1;
      most = Math.max(most, ++underWay);
      await Promise.resolve();
      underWay -= 1;
    });
    expect(sent).toBe(1_200);
    expect(most).toBe(500);
    expect(journal.unacknowledged).toBe(0);
  });

  it('leaves unacknowledged what a replay could not send', async () => {
    const journal = journalOf();
    journal.note(entry('a'));
    journal.note(entry('b'));
    const failing = entry('b').key;
    const replay = journal.replay(async ({ key }) => {
      if (key === failing) throw new Error('gone again');
    });
    await expect(replay).rejects.toThrow('gone again');
    expect(journal.unacknowledged).toBe(1);
  });

  it('takes what it has coarsened for acknowledged once all of its parts are', () => {
    const journal = journalOf(2);
    const acknowledge = ['a', 'b', 'c'].map((key) => journal.note(entry(key)));
    expect(journal.size).toBe(1);
    expect(journal.unacknowledged).toBe(1);
    acknowledge[0]?.();
    acknowledge[0]?.();
    acknowledge[1]?.();
    expect(journal.unacknowledged).toBe(1);
    acknowledge[2]?.();
    expect(journal.unacknowledged).toBe(0);
  });

  it('hands an acknowledgement on through every level that it was coarsened to', () => {
    const journal = journalOf(1);
    const acknowledge = ['a', 'b', 'c'].map((tenant) => journal.note(entry('k', tenant)));
    expect(journal.size).toBe(1);
    for (const each of acknowledge) each();
    expect(journal.unacknowledged).toBe(0);
  });

  it('keeps for unacknowledged what was noted again after it was coarsened', () => {
    const journal = journalOf(2);
    const acknowledge = ['a', 'b', 'c'].map((key) => journal.note(entry(key)));
    const again = journal.note(BY.cache('acme', 'lead', 1));
    for (const each of acknowledge) each();
    expect(journal.unacknowledged).toBe(1);
    again();
    expect(journal.unacknowledged).toBe(0);
  });

  it('acknowledges by its replay what is coarsened while it is replayed', async () => {
    const journal = journalOf(2);
    journal.note(entry('a'));
    journal.note(entry('b'));
    const gate = new Gate();
    const replay = journal.replay(() => gate.pass());
    await gate.reached;
    const acknowledge = journal.note(entry('c'));
    expect(journal.size).toBe(1);
    gate.open();
    await replay;
    expect(journal.unacknowledged).toBe(1);
    acknowledge();
    expect(journal.unacknowledged).toBe(0);
  });

  it('keeps what was never sent, though an earlier write of the same entry is acknowledged after it', async () => {
    const clock = new FakeClock();
    const journal = journalOf(10, clock);
    journal.note(entry('a'));
    journal.noteAcknowledged(entry('a'));
    expect(journal.unacknowledged).toBe(1);
    await clock.advance(61_000);
    expect(await replayed(journal)).toEqual([entry('a').key]);
  });

  it('keeps a write for its time though an eviction before it is acknowledged after it', async () => {
    const clock = new FakeClock();
    const journal = journalOf(10, clock);
    const acknowledge = journal.note(entry('a'));
    await clock.advance(40_000);
    journal.noteAcknowledged(entry('a'));
    acknowledge();
    await clock.advance(59_000);
    expect(await replayed(journal)).toEqual([entry('a').key]);
    await clock.advance(2_000);
    expect(await replayed(journal)).toEqual([]);
  });

  it('does not acknowledge by its replay what is coarsened into an invalidation while that is sent', async () => {
    const clock = new FakeClock();
    const journal = journalOf(1, clock);
    journal.note(BY.cache('acme', 'lead', 1));
    const gate = new Gate();
    const replay = journal.replay(() => gate.pass());
    await gate.reached;
    const acknowledge = journal.note(entry('b'));
    gate.open();
    await replay;
    expect(journal.unacknowledged).toBe(1);
    await clock.advance(61_000);
    expect(await replayed(journal)).toEqual([BY.cache('acme', 'lead', 1).key]);
    acknowledge();
    expect(journal.unacknowledged).toBe(0);
  });

  it('keeps an invalidation whose replay failed while another was coarsened into it', async () => {
    const journal = journalOf(1);
    journal.note(BY.cache('acme', 'lead', 1));
    const gate = new Gate();
    const replay = journal.replay(() => gate.pass().then(() => Promise.reject(new Error('gone'))));
    await gate.reached;
    journal.note(entry('b'))();
    gate.open();
    await expect(replay).rejects.toThrow('gone');
    expect(journal.unacknowledged).toBe(1);
  });

  it('waits for nothing where what is coarsened is acknowledged by then', async () => {
    const clock = new FakeClock();
    const journal = journalOf(1, clock);
    journal.noteAcknowledged(entry('a'));
    journal.noteAcknowledged(entry('b'));
    expect(journal.unacknowledged).toBe(0);
    expect(await replayed(journal)).toEqual([BY.cache('acme', 'lead', 1).key]);
    await clock.advance(61_000);
    expect(await replayed(journal)).toEqual([]);
  });
});
