import { StampTable, type KnownStamp } from './stamp-table.js';

const stamp = (id: string, madeAtMs = 0) => ({ id, madeAtMs });

describe('StampTable', () => {
  it('keeps one object for a stamp that stays the same, and marks the former when it changes', () => {
    const table = new StampTable();
    const first = table.learn('k', stamp('a'), table.changes, 1);
    expect(table.learn('k', stamp('a'), table.changes, 2)).toBe(first);
    expect(first).toMatchObject({ id: 'a', live: true, readAtMs: 2 });
    const second = table.renew('k', stamp('b', 7), 3);
    expect(first?.live).toBe(false);
    expect(second).toMatchObject({ id: 'b', madeAtMs: 7, live: true });
    expect(table.renew('k', stamp('b', 7), 4)).toBe(second);
    expect(table.get('k')).toBe(second);
  });

  it('does not believe an answer that was asked for before a renewal', () => {
    const table = new StampTable();
    const askedAt = table.changes;
    table.renew('k', stamp('new'), 0);
    expect(table.learn('k', stamp('old'), askedAt, 0)).toBeUndefined();
    expect(table.get('k')?.id).toBe('new');
  });

  it('does not believe such an answer either when the renewal was forgotten meanwhile', () => {
    for (const forget of [
      (table: StampTable) => {
        table.clear();
      },
      (table: StampTable) => {
        table.renew('another', stamp('x'), 0);
      },
    ]) {
      const table = new StampTable(1);
      const askedAt = table.changes;
      table.renew('k', stamp('new'), 0);
      forget(table);
      expect(table.learn('k', stamp('old'), askedAt, 0)).toBeUndefined();
    }
  });

  it('remembers what was renewed here, when the stamp is forgotten or another one by now', () => {
    const table = new StampTable();
    const other = table.learn('other', stamp('o'), table.changes, 0);
    const before = table.changes;
    table.renew('k', stamp('a'), 0);
    const after = table.changes;
    table.forget('k');
    const known = [table.learn('k', stamp('b'), table.changes, 0), other] as KnownStamp[];
    expect(table.renewedSince(known, before)).toBe(true);
    expect(table.renewedSince(known, after)).toBe(false);
    expect(table.renewedSince(known.slice(1), before)).toBe(false);
  });

  it('may take a stamp for renewed when it has forgotten which ones were', () => {
    const table = new StampTable(10, 1);
    const known = table.learn('k', stamp('a'), table.changes, 0) as KnownStamp;
    const before = table.changes;
    table.renew('one', stamp('x'), 0);
    const between = table.changes;
    table.renew('another', stamp('y'), 0);
    expect(table.renewedSince([known], before)).toBe(true);
    expect(table.renewedSince([known], between)).toBe(false);
  });

  it('counts renewals, learned ones too, and not what it learns for the first time', () => {
    const table = new StampTable();
    table.learn('k', stamp('a'), table.changes, 0);
    expect(table.changes).toBe(0);
    table.learn('k', stamp('b'), table.changes, 0);
    expect(table.changes).toBe(1);
    table.renew('k', stamp('c'), 0);
    expect(table.changes).toBe(2);
    table.clear();
    expect(table.changes).toBe(3);
  });

  it('holds no more than its bound; what it drops does not hold any more', () => {
    const table = new StampTable(2);
    const first = table.learn('1', stamp('a'), 0, 0);
    table.learn('2', stamp('b'), 0, 0);
    table.learn('3', stamp('c'), 0, 0);
    expect(table.size).toBe(2);
    expect(first?.live).toBe(false);
    expect(table.get('1')).toBeUndefined();
  });

  it('makes a stamp of its own that counts as never read', () => {
    const table = new StampTable();
    const made = table.local('k', () => 'own');
    expect(made).toMatchObject({ id: 'own', madeAtMs: 0, readAtMs: -Infinity });
    expect(table.local('k', () => 'another')).toBe(made);
    const learned = table.learn('k', stamp('of Redis'), table.changes, 5);
    expect(made.live).toBe(false);
    expect(learned?.id).toBe('of Redis');
  });

  describe('when all it hears is that a stamp has changed', () => {
    it('holds nothing under it any more, and asks what it is', () => {
      const table = new StampTable();
      const known = table.learn('k', stamp('a'), table.changes, 0);
      table.forget('k');
      expect(known?.live).toBe(false);
      expect(table.get('k')).toBeUndefined();
      expect(table.changes).toBe(1);
      expect(table.learn('k', stamp('b'), table.changes, 0)?.id).toBe('b');
    });

    it('does not believe an answer that was asked for before, though it has learned a later one', () => {
      const table = new StampTable();
      const askedAt = table.changes;
      table.forget('k');
      expect(table.learn('k', stamp('old'), askedAt, 0)).toBeUndefined();
      table.learn('k', stamp('new'), table.changes, 0);
      expect(table.learn('k', stamp('old'), askedAt, 0)).toBeUndefined();
      expect(table.get('k')?.id).toBe('new');
    });

    it('believes answers about others that were on their way meanwhile', () => {
      const table = new StampTable();
      const askedAt = table.changes;
      table.forget('another');
      expect(table.learn('k', stamp('a'), askedAt, 0)?.id).toBe('a');
    });

    it('keeps a bounded number of such changes in mind, and past it rather asks again', () => {
      const table = new StampTable(10, 2);
      const askedAt = table.changes;
      for (const key of ['k', 'another', 'a third']) table.forget(key);
      expect(table.learn('k', stamp('old'), askedAt, 0)).toBeUndefined();
      expect(table.learn('unheard of', stamp('perhaps old'), askedAt, 0)).toBeUndefined();
      expect(table.learn('k', stamp('new'), table.changes, 0)?.id).toBe('new');
    });
  });
});
