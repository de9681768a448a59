import { ReplySize } from './reply-size.js';

/** The same size again and again. */
function sizeAfter(replies: number, bytes: number, size = new ReplySize()): ReplySize {
  for (let i = 0; i < replies; i += 1) size.note([Buffer.alloc(bytes)]);
  return size;
}

describe('ReplySize', () => {
  it('sets no bound that matters before anything came, nor for what is small or not there', () => {
    const size = new ReplySize();
    expect(size.values).toBeGreaterThan(256);
    size.note([undefined, undefined]);
    expect(size.values).toBeGreaterThan(256);
    expect(sizeAfter(50, 100).values).toBeGreaterThan(256);
  });

  it('has as many values in a reply as make some 32 KB', () => {
    expect(sizeAfter(50, 10_000).values).toBe(3);
    expect(sizeAfter(50, 1_000).values).toBe(32);
  });

  it('asks for each value by itself where one is a reply of its own', () => {
    expect(sizeAfter(50, 1_000_000).values).toBe(1);
  });

  it('forgets a single large one soon, and follows when all are', () => {
    const size = sizeAfter(50, 100);
    size.note([Buffer.alloc(10_000)]);
    expect(sizeAfter(20, 100, size).values).toBeGreaterThan(200);
    expect(sizeAfter(10, 20_000, size).values).toBe(1);
  });
});
