import { figuresOf } from '../connection/redis-figures.js';
import { figureFacts } from './health.view.js';

describe('figureFacts', () => {
  it.each([
    ['0', '1.50 MB, no limit'],
    ['64000000', '1.50 MB of 64.0 MB'],
  ])('shows the memory with maxmemory %s', (maxmemory, shown) => {
    const info = new Map([
      ['used_memory', '1500000'],
      ['maxmemory', maxmemory],
    ]);
    expect(Object.fromEntries(figureFacts(figuresOf([info])))).toMatchObject({ memory: shown });
  });
});
