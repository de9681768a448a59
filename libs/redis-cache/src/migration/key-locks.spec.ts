import { Gate } from '../../../../test/support/gate.js';
import { KeyLocks } from './key-locks.js';

describe('KeyLocks', () => {
  let locks: KeyLocks;
  let done: string[];

  beforeEach(() => {
    locks = new KeyLocks();
    done = [];
  });

  const work = (name: string, gate?: Gate) => async () => {
    done.push(`${name} begins`);
    await gate?.pass();
    done.push(`${name} ends`);
    return name;
  };

  it('begins within the call where nothing is in the way', async () => {
    const running = locks.run('a', work('first'));
    expect(done).toEqual(['first begins']);
    expect(await running).toBe('first');
  });

  it('runs one after the other for a key, also after one that failed, and others beside them', async () => {
    const gate = new Gate();
    const first = locks.run('a', async () => {
      await gate.pass();
      throw new Error('failed');
    });
    const second = locks.run('a', work('second'));
    await locks.run('b', work('other'));
    expect(done).toEqual(['other begins', 'other ends']);
    gate.open();
    await expect(first).rejects.toThrow('failed');
    expect(await second).toBe('second');
  });

  it('runs exclusive work when all has ended that began before, and nothing beside it', async () => {
    const [before, during] = [new Gate(), new Gate()];
    const first = locks.run('a', work('first', before));
    const exclusive = locks.exclusively(work('exclusive', during));
    const second = locks.exclusively(work('next exclusive'));
    const later = locks.run('b', work('later'));
    expect(done).toEqual(['first begins']);
    before.open();
    await during.reached;
    expect(done).toEqual(['first begins', 'first ends', 'exclusive begins']);
    during.open();
    await Promise.all([first, exclusive, second, later]);
    expect(done.slice(3)).toHaveLength(5);
    expect(done[3]).toBe('exclusive ends');
  });

  it('goes on after exclusive work that failed', async () => {
    await expect(locks.exclusively(() => Promise.reject(new Error('refused')))).rejects.toThrow();
    expect(await locks.run('a', work('first'))).toBe('first');
  });
});
