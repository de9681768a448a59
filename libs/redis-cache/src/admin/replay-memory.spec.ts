import { ReplayMemory } from './replay-memory.js';

describe('ReplayMemory', () => {
  it('takes each once, as long as it could be taken again', () => {
    const memory = new ReplayMemory();
    expect(memory.claim('a', 100, 0)).toBe('first');
    expect(memory.claim('b', 100, 0)).toBe('first');
    expect(memory.claim('a', 100, 100)).toBe('again');
  });

  it('is bounded, and rather takes nothing than something twice', () => {
    const memory = new ReplayMemory(2);
    memory.claim('a', 100, 0);
    memory.claim('b', 200, 0);
    expect(memory.claim('c', 300, 100)).toBe('full');
    expect(memory.claim('a', 100, 100)).toBe('again');
    expect(memory.claim('c', 300, 101)).toBe('first');
    expect(memory.claim('b', 200, 101)).toBe('again');
  });
});
