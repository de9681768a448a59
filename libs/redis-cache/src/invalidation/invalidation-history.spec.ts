import { KeySpace } from '../keys/key-space.js';
import { InvalidationHistory } from './invalidation-history.js';

const keys = new KeySpace('crm');
const entry = keys.entry('acme', 'lead', 1, '1');
const stamps = new Map([
  [keys.tenantStamp('acme'), 'tenant' as const],
  [keys.tagStamp('acme', 'lead:1'), 'tag' as const],
]);
const here = { by: 'this process' } as const;
const there = { by: 'another process' } as const;

describe('InvalidationHistory', () => {
  it('knows the latest that has hit an entry, and by whom', () => {
    const history = new InvalidationHistory();
    expect(history.last(entry, stamps)).toBeUndefined();
    history.note(entry, { ...here, atMs: 1 });
    expect(history.last(entry, stamps)).toEqual({ level: 'entry', ...here, atMs: 1 });
    history.note(keys.tenantStamp('acme'), { ...there, atMs: 2 });
    expect(history.last(entry, stamps)).toEqual({ level: 'tenant', ...there, atMs: 2 });
    history.note(keys.pattern('acme', 'le*').name, { ...there, atMs: 3 });
    expect(history.last(entry, stamps)).toEqual({ level: 'pattern', ...there, atMs: 3 });
    history.note(keys.tagStamp('acme', 'lead:1'), { ...here, atMs: 4 });
    expect(history.last(entry, stamps)).toEqual({ level: 'tag', ...here, atMs: 4 });
  });

  it('says nothing of what did not hit it', () => {
    const history = new InvalidationHistory();
    history.note(keys.entry('acme', 'lead', 1, '2'), { ...here, atMs: 1 });
    history.note(keys.tenantStamp('acme.eu'), { ...here, atMs: 2 });
    history.note(keys.pattern('acme.eu', '*').name, { ...here, atMs: 3 });
    expect(history.last(entry, stamps)).toBeUndefined();
  });

  it('is bounded, and forgets the oldest', () => {
    const history = new InvalidationHistory(1, 1);
    history.note(keys.pattern('acme', 'lead').name, { ...here, atMs: 1 });
    history.note(keys.pattern('acme', 'note').name, { ...here, atMs: 2 });
    history.note(entry, { ...here, atMs: 3 });
    history.note('crm:{acme/lead@1/2}', { ...here, atMs: 4 });
    expect(history.last(entry, stamps)).toBeUndefined();
  });
});
