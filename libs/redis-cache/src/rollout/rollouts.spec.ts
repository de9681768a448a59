import fc from 'fast-check';
import {
  documentText,
  NO_ROLLOUTS,
  parseDocument,
  type RolloutDocument,
} from './rollout-document.js';
import { FIRST_EPOCH, later, withinEpoch, type RolloutRecord } from './rollout-record.js';
import { FULLY_ON, modeFor, type RolloutState } from './rollout-state.js';
import { Rollouts, type RolloutChange } from './rollouts.js';

const CACHE = 'lead.byPhone';

function on(percent: number, ...tenants: string[]): RolloutState {
  return { mode: 'on', percent, tenants };
}

function documentOf(record: RolloutRecord): RolloutDocument {
  return { caches: new Map([[CACHE, record]]), partings: 0 };
}

/** The rollouts of one process; epochs are numbered. */
function process(name: string, configured: RolloutState = FULLY_ON, apart = false) {
  const changes: RolloutChange[] = [];
  const ended: string[] = [];
  let epochs = 0;
  const rollouts = new Rollouts({
    configuredOf: () => configured,
    names: () => [CACHE],
    apart,
    newEpoch: () => `${name}${++epochs}`.padStart(16, '0'),
    onEnd: (cache) => ended.push(cache),
    onChange: (change) => changes.push(change),
  });
  const change = (state: RolloutState | null, inRedis = true): RolloutRecord => {
    const record = rollouts.next(CACHE, state, inRedis);
    rollouts.adopt(CACHE, record, 'here');
    return record;
  };
  return { rollouts, changes, ended, change, of: () => rollouts.of(CACHE) };
}

describe('a change', () => {
  it('begins a new epoch whenever somebody may leave, and no other', () => {
    const a = process('a');
    const states: (RolloutState | null)[] = [
      on(10),
      on(20),
      on(20, 'acme'),
      { mode: 'off' },
      { mode: 'shadow' },
      on(50),
      FULLY_ON,
      on(50),
      null,
      FULLY_ON,
    ];
    const epochs = states.map((state) => Number.parseInt(a.change(state).epoch, 16) & 0xf);
    // What the options say may be something else in another process, so both ways of it are a new one.
    expect(epochs).toEqual([1, 1, 1, 2, 2, 2, 2, 3, 4, 5]);
    expect(a.of().version).toBe(10);
  });

  it('begins a new epoch where Redis does not have the state before, even if nobody leaves', () => {
    const a = process('a');
    const before = a.change(on(10));
    expect(a.change(on(20), false).epoch).not.toBe(before.epoch);
  });

  it('is told once, and what was stored ends where somebody leaves', () => {
    const a = process('a');
    a.change(on(10));
    a.change(on(20));
    a.change({ mode: 'off' });
    a.change({ mode: 'off' });
    expect(a.changes).toEqual([
      { cache: CACHE, from: FULLY_ON, to: on(10), version: 1, by: 'here' },
      { cache: CACHE, from: on(10), to: on(20), version: 2, by: 'here' },
      { cache: CACHE, from: on(20), to: { mode: 'off' }, version: 3, by: 'here' },
    ]);
    expect(a.ended).toHaveLength(2);
  });

  it('back to the options keeps its version, so that nothing earlier comes back', () => {
    const a = process('a');
    const off = a.change({ mode: 'off' });
    a.change(null);
    a.rollouts.join(documentOf(off));
    expect(a.of()).toMatchObject({ state: FULLY_ON, overridden: false, version: 2 });
  });
});

describe('two processes', () => {
  it('come to the same from whatever each has heard first', () => {
    const record = fc.record({
      version: fc.integer({ min: 1, max: 3 }),
      epoch: fc.constantFrom(FIRST_EPOCH, '00000000000000aa', '00000000000000bb'),
      state: fc.constantFrom<RolloutState | null>(
        null,
        { mode: 'off' },
        { mode: 'shadow' },
        on(5),
        FULLY_ON,
      ),
      configured: fc.constant(FULLY_ON),
    });
    fc.assert(
      fc.property(record, record, record, (a, b, c) => {
        expect(later(a, b)).toEqual(later(b, a));
        expect(later(later(a, b), c)).toEqual(later(a, later(b, c)));
        expect(later(a, a)).toBe(a);
      }),
    );
  });

  it('that could not hear each other go by what serves less', () => {
    const [a, b] = [process('a'), process('b')];
    const off = a.change({ mode: 'off' }, false);
    const fully = b.change(FULLY_ON, false);
    a.rollouts.join(documentOf(fully));
    b.rollouts.join(documentOf(off));
    expect([a.of().state, b.of().state]).toEqual([{ mode: 'off' }, { mode: 'off' }]);
    expect(a.of().epoch).toBe(b.of().epoch);
  });

  it('begin a new epoch if somebody leaves by a change that did not know of another', () => {
    const [a, b] = [process('a'), process('b')];
    const shared = a.change(on(50));
    b.rollouts.join(documentOf(shared));
    // Both grow, on either side of a failover, and each keeps its epoch.
    const more = a.change(on(100));
    const less = b.change(on(60));
    expect(more.epoch).toBe(less.epoch);
    b.change(on(70));
    const joined = a.rollouts.join(b.rollouts.document).caches.get(CACHE) as RolloutRecord;
    expect(joined).toMatchObject({ state: on(70), version: 4 });
    expect(joined.epoch).not.toBe(shared.epoch);
    expect(a.ended).toContain(CACHE);
  });

  it('never serve what was stored while somebody was left out, whatever changes are made', () => {
    const state = fc.constantFrom<RolloutState>(
      { mode: 'off' },
      { mode: 'shadow' },
      on(0, 'acme'),
      on(30),
      on(70),
      FULLY_ON,
    );
    fc.assert(
      fc.property(fc.array(fc.option(state), { maxLength: 12 }), (states) => {
        const a = process('a');
        /** Epochs under which something may be stored for the tenant, until it left. */
        const over = new Set<string>();
        for (const to of states) {
          const { epoch, state: from } = a.of();
          const was = modeFor(from, 'acme');
          a.change(to);
          if (was === 'on' && modeFor(a.of().state, 'acme') !== 'on') over.add(epoch);
          if (modeFor(a.of().state, 'acme') === 'on') expect(over).not.toContain(a.of().epoch);
        }
      }),
    );
  });
});

describe('the options of a process', () => {
  it('begin a new epoch where they say something else than was noted last', () => {
    const a = process('a', { mode: 'off' });
    a.rollouts.noteOptions();
    const noted = a.rollouts.document.caches.get(CACHE) as RolloutRecord;
    expect(noted).toMatchObject({ version: 1, state: null, configured: { mode: 'off' } });
    expect(noted.epoch).not.toBe(FIRST_EPOCH);
    const b = process('b');
    b.rollouts.join(a.rollouts.document);
    b.rollouts.noteOptions();
    expect(b.of()).toMatchObject({ version: 2, state: FULLY_ON });
    expect(b.of().epoch).not.toBe(noted.epoch);
  });

  it('are not noted where they say what everybody expects, or what was noted', () => {
    const a = process('a');
    a.rollouts.noteOptions();
    expect(a.rollouts.document).toEqual(NO_ROLLOUTS);
    const [b, c] = [process('b', on(10)), process('c', on(10))];
    b.rollouts.noteOptions();
    c.rollouts.join(b.rollouts.document);
    c.rollouts.noteOptions();
    expect(c.rollouts.document).toEqual(b.rollouts.document);
  });

  it('leave alone what was changed while running', () => {
    const a = process('a');
    const changed = a.change(on(20));
    const b = process('b', { mode: 'off' });
    b.rollouts.join(a.rollouts.document);
    b.rollouts.noteOptions();
    expect(b.of()).toMatchObject({ state: on(20), epoch: changed.epoch, overridden: true });
  });
});

describe('the document', () => {
  it('comes out of Redis as it went in', () => {
    const caches = new Map([
      ['b', process('c').change(on(12.5, 'acme', 'Zürich 🏔'))],
      ['__proto__', process('c').change(null)],
      ['a', process('c').change({ mode: 'off' })],
    ]);
    expect(parseDocument(documentText({ caches, partings: 3 }))).toEqual({
      caches: new Map([...caches].sort()),
      partings: 3,
    });
  });

  it('is nothing where something else stands there, whole or in part', () => {
    const good = process('c').change({ mode: 'off' });
    for (const text of [
      '',
      'x',
      '[]',
      '7',
      '{"format":1}',
      '{"format":1,"caches":[1],"partings":-1}',
    ]) {
      expect(parseDocument(text)).toEqual(NO_ROLLOUTS);
    }
    const bad = [
      { ...good, version: 0 },
      { ...good, epoch: 'x' },
      { ...good, state: { mode: 'on', percent: 101, tenants: [] } },
      { ...good, state: { mode: 'on', percent: 1, tenants: [7] } },
      { ...good, configured: null },
      'off',
    ];
    const caches = { good, ...Object.fromEntries(bad.map((each, i) => [`bad${i}`, each])) };
    expect(parseDocument(JSON.stringify({ format: 1, caches }))).toEqual({
      caches: new Map([['good', good]]),
      partings: 0,
    });
  });

  it('of a later version is left alone', () => {
    expect(parseDocument('{"format":2,"caches":{}}')).toBeUndefined();
  });
});

describe('withinEpoch', () => {
  it('is the stamp itself in the first epoch, and another one in every other', () => {
    const stamp = '0123456789abcdef';
    expect(withinEpoch(stamp, FIRST_EPOCH)).toBe(stamp);
    expect(withinEpoch(stamp, 'ffffffffffffffff')).toBe('fedcba9876543210');
    expect(withinEpoch(stamp, stamp)).toBe('0000000000000000');
  });
});
