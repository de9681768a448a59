import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { Asked, Told } from '../../bench/measure/contest-part.js';
import type { RoundSettings } from '../../bench/measure/stopwatch.js';
import { measureApart } from '../../bench/run/contenders-apart.js';

const SETTINGS: RoundSettings = {
  rounds: 1,
  roundMs: 1,
  warmUpMs: 1,
  warmUpOperations: 1,
  maxWarmUpMs: 2_000,
};
const CONTESTS = ['first', 'second'];

/** A process that comes to each contest in turn, and knows only some of the contenders. */
class FakeProcess extends EventEmitter {
  readonly asked: Asked[] = [];
  private contest = 0;

  constructor(private readonly names: readonly string[]) {
    super();
    this.arrive();
  }

  send(asked: Asked): void {
    this.asked.push(asked);
    if (asked.kind === 'next') this.arrive();
    else this.tell({ kind: 'answer', answer: answerTo(asked) });
  }

  get warmUps(): number[] {
    return this.asked.flatMap((asked) =>
      asked.kind === 'warmUp' ? [asked.settings.maxWarmUpMs] : [],
    );
  }

  private arrive(): void {
    const id = CONTESTS[this.contest++];
    if (id === undefined) this.tell({ kind: 'outcome', outcome: { cases: [] } });
    else {
      const terms = { id, title: id, reference: 'by hand' };
      this.tell({ kind: 'contest', terms, names: this.names, failure: undefined });
    }
  }

  private tell(told: Told): void {
    setImmediate(() => this.emit('message', told));
  }
}

function answerTo(asked: Asked): unknown {
  switch (asked.kind) {
    case 'warmUp':
      return 1;
    case 'time':
      return { wallNs: 10, cpuNs: 10 };
    case 'measures':
      return {};
    default:
      return undefined;
  }
}

describe('contenders in processes of their own', () => {
  async function measure(known: (name: string) => readonly string[]) {
    const processes = new Map<string, FakeProcess>();
    const outcome = await measureApart((name) => {
      const child = new FakeProcess(name === undefined ? ['by hand', 'peer'] : known(name));
      if (name !== undefined) processes.set(name, child);
      return child as unknown as ChildProcess;
    }, SETTINGS);
    return { outcome, processes };
  }

  it('meet at each contest, and are warmed up for half as long from the second on', async () => {
    const { outcome, processes } = await measure((name) => [name]);
    const figures = CONTESTS.map(() => ['by hand', 'peer']);
    expect(outcome.cases.map((each) => each.figures.map(({ contender }) => contender))).toEqual(
      figures,
    );
    expect([...processes.values()].map(({ warmUps }) => warmUps)).toEqual([
      [2_000, 1_000],
      [2_000, 1_000],
    ]);
  });

  it('are left out, with the reason, where their own process does not know them', async () => {
    const { outcome, processes } = await measure((name) => (name === 'peer' ? [] : [name]));
    for (const { figures } of outcome.cases) {
      expect(figures.map(({ contender, excluded }) => [contender, excluded])).toEqual([
        ['by hand', undefined],
        ['peer', 'its process does not know it'],
      ]);
    }
    expect(processes.get('peer')?.warmUps).toEqual([]);
  });
});
