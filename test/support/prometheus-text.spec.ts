import { parsePrometheusText } from './prometheus-text.js';

const HEAD = '# HELP a_total Some.\n# TYPE a_total counter\n';
const HISTOGRAM = '# HELP h Some.\n# TYPE h histogram\n';

describe('parsePrometheusText', () => {
  it('reads families, labels and values', () => {
    const text = `${HEAD}a_total{b="x\\"\\n\\\\",c=""} 1e+3\na_total 0\n`;
    expect([...parsePrometheusText(text).values()]).toEqual([
      {
        name: 'a_total',
        type: 'counter',
        help: 'Some.',
        samples: [
          { name: 'a_total', labels: { b: 'x"\n\\', c: '' }, value: 1_000 },
          { name: 'a_total', labels: {}, value: 0 },
        ],
      },
    ]);
  });

  it('reads histograms that add up', () => {
    const text = `${HISTOGRAM}h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3.5\nh_count 2\n`;
    expect(parsePrometheusText(text).get('h')?.samples).toHaveLength(4);
  });

  it.each([
    ['a line that does not end', HEAD.trimEnd()],
    ['a sample without a family', 'a_total 1\n'],
    ['a type without help', '# TYPE a_total counter\na_total 1\n'],
    ['a family that comes twice', HEAD + HEAD],
    ['a sample of another family', `${HEAD}b_total 1\n`],
    ['a sample twice', `${HEAD}a_total{x="1",y="2"} 1\na_total{y="2",x="1"} 1\n`],
    ['a label twice', `${HEAD}a_total{x="1",x="2"} 1\n`],
    ['a label without quotes', `${HEAD}a_total{x=1} 1\n`],
    ['a comma too many', `${HEAD}a_total{x="1",} 1\n`],
    ['a quote that is not escaped', `${HEAD}a_total{x="1"2"} 1\n`],
    ['a value that is no number', `${HEAD}a_total undefined\n`],
    ['a counter below 0', `${HEAD}a_total -1\n`],
    ['a counter that is no number', `${HEAD}a_total NaN\n`],
    ['a histogram without a sum', `${HISTOGRAM}h_bucket{le="+Inf"} 0\nh_count 0\n`],
    [
      'buckets that fall',
      `${HISTOGRAM}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`,
    ],
    ['a last bucket without all', `${HISTOGRAM}h_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n`],
  ])('refuses %s', (_what, text) => {
    expect(() => parsePrometheusText(text)).toThrow();
  });
});
