import { samplesIn } from './prometheus-text.js';

const samples = (text: string) =>
  samplesIn(text).map(({ name, labels, value }) => ({
    name,
    ...Object.fromEntries(labels),
    value,
  }));

describe('samplesIn', () => {
  it('reads names, labels and values, and passes over the rest', () => {
    const text = [
      '# HELP cache_operations_total What the cache did.',
      '# TYPE cache_operations_total counter',
      'cache_operations_total{type="near_hit",operation="read",resource="a\\"b\\\\c\\nd,e}"} 3',
      'up 1 1700000000000',
      'x{le="+Inf"} +Inf',
      'y NaN',
      '',
      'no sample at all!',
      '# EOF',
    ].join('\n');
    expect(samples(text)).toEqual([
      {
        name: 'cache_operations_total',
        type: 'near_hit',
        operation: 'read',
        resource: 'a"b\\c\nd,e}',
        value: 3,
      },
      { name: 'up', value: 1 },
      { name: 'x', le: '+Inf', value: Infinity },
      { name: 'y', value: NaN },
    ]);
  });
});
