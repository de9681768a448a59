/** One line of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What stands under one `# TYPE`. */
export interface MetricFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: Sample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const HELP = new RegExp(`^# HELP (${NAME}) (.+)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,(?=.)|$)/;
const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/i;

/**
 * Reads the text format of Prometheus, version 0.0.4, and refuses whatever it does not allow: lines of
 * no kind, a family that comes twice or without help and type, samples that belong to none or come
 * twice, counters below 0, and histograms whose buckets do not add up.
 *
 * @throws what is wrong, and where
 */
export function parsePrometheusText(text: string): Map<string, MetricFamily> {
  if (!text.endsWith('\n')) throw new Error('The last line does not end');
  const families = new Map<string, MetricFamily>();
  let help: RegExpExecArray | null = null;
  let family: MetricFamily | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const told = HELP.exec(line);
    const typed = TYPE.exec(line);
    if (told) {
      help = told;
    } else if (typed) {
      family = begin(families, help, typed);
    } else {
      add(family, sampleOf(line));
    }
  }
  for (const one of families.values()) if (one.type === 'histogram') assertHistogram(one);
  return families;
}

function begin(
  families: Map<string, MetricFamily>,
  help: RegExpExecArray | null,
  [line, name = '', type]: RegExpExecArray,
): MetricFamily {
  if (help?.[1] !== name) throw new Error(`No help before: ${line}`);
  if (families.has(name)) throw new Error(`Twice: ${line}`);
  const family = { name, type: type as MetricFamily['type'], help: help[2] ?? '', samples: [] };
  families.set(name, family);
  return family;
}

function sampleOf(line: string): Sample {
  const [, name, labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  if (name === undefined || !NUMBER.test(value)) throw new Error(`Not a sample: ${line}`);
  return { name, labels: labelsOf(labels, line), value: Number(value.replace('Inf', 'Infinity')) };
}

function labelsOf(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== '') {
    const [whole, name, value] = LABEL.exec(rest) ?? [];
    if (whole === undefined || name === undefined || value === undefined) {
      throw new Error(`Not labels: ${line}`);
    }
    if (Object.hasOwn(labels, name)) throw new Error(`A label twice: ${line}`);
    labels[name] = value.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
    rest = rest.slice(whole.length);
  }
  return labels;
}

function add(family: MetricFamily | undefined, sample: Sample): void {
  const ending = family?.type === 'histogram' ? '_(?:bucket|sum|count)' : '';
  if (!family || !new RegExp(`^${family.name}${ending}$`).test(sample.name)) {
    throw new Error(`${sample.name} does not stand under its type`);
  }
  if (family.type !== 'gauge' && !(sample.value >= 0)) throw new Error(`${sample.name} is below 0`);
  const id = idOf(sample);
  if (family.samples.some((other) => idOf(other) === id)) throw new Error(`Twice: ${id}`);
  family.samples.push(sample);
}

function idOf({ name, labels }: Sample): string {
  return name + JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function assertHistogram({ name, samples }: MetricFamily): void {
  const series = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { le: _le, ...labels } = sample.labels;
    const key = JSON.stringify(labels);
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const [labels, all] of series) {
    const buckets = all.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels: { le = '' } }) => Number(le.replace('Inf', 'Infinity')));
    const counts = buckets.map(({ value }) => value);
    const count = all.find((sample) => sample.name === `${name}_count`)?.value;
    const sum = all.find((sample) => sample.name === `${name}_sum`)?.value;
    const rises = (numbers: readonly number[], strictly: boolean) =>
      numbers.every(
        (n, i) => i === 0 || (numbers[i - 1] ?? 0) < n || (!strictly && numbers[i - 1] === n),
      );
    const isWhole = sum !== undefined && count !== undefined && counts.at(-1) === count;
    if (!isWhole || bounds.at(-1) !== Infinity || !rises(bounds, true) || !rises(counts, false)) {
      throw new Error(`The histogram ${name}${labels} does not add up`);
    }
  }
}
