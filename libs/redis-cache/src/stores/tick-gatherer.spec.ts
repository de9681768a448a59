import { AsyncLocalStorage } from 'node:async_hooks';
import { FakeClock } from '../../../../test/support/fake-clock.js';
import { Deadlines } from '../resilience/deadlines.js';
import { Gatherer, Tick } from './tick-gatherer.js';

interface Setup {
  readonly gatherer: Gatherer<string, string>;
  /** The questions of each command. */
  readonly asked: string[][];
  readonly clock: FakeClock;
  /** How many commands were on their way whenever another one was begun. */
  readonly unanswered: number[];
  answer: (questions: readonly string[]) => Promise<(string | Error)[]>;
}

function setUp(
  maxQuestions = 100,
  bytesOf?: (question: string) => number,
  firstAtOnce = false,
): Setup {
  const clock = new FakeClock();
  const asked: string[][] = [];
  const unanswered: number[] = [];
  const setup: Setup = {
    asked,
    clock,
    unanswered,
    answer: async (questions) => questions.map((question) => `to ${question}`),
    gatherer: new Gatherer<string, string>({
      schedule: () => tick.schedule(),
      ask: (questions) => {
        asked.push([...questions]);
        return setup.answer(questions);
      },
      maxQuestions: (before) => {
        unanswered.push(before);
        return maxQuestions;
      },
      isForBeingSeveral: (error) => (error as Error).message === 'several',
      deadlines: new Deadlines(clock),
      firstAtOnce,
      ...(bytesOf && { bytesOf }),
    }),
  };
  const tick = new Tick(() => [setup.gatherer]);
  return setup;
}

describe('Gatherer', () => {
  it('asks by one command what comes within a tick, and answers each by itself', async () => {
    const { gatherer, asked } = setUp();
    const answers = Promise.all(['a', 'b', 'a'].map((question) => gatherer.put(question)));
    expect(asked).toEqual([]);
    expect(await answers).toEqual(['to a', 'to b', 'to a']);
    expect(asked).toEqual([['a', 'b', 'a']]);
  });

  it('takes in what promises lead to that are settled in the same tick', async () => {
    const { gatherer, asked } = setUp();
    const late = async (question: string) => {
      for (let turns = 0; turns < 5; turns += 1) await Promise.resolve();
      return gatherer.put(question);
    };
    await Promise.all([gatherer.put('at once'), late('later')]);
    expect(asked).toEqual([['at once', 'later']]);
  });

  it('asks the first of each tick at once where that is urgent, and gathers what follows', async () => {
    const { gatherer, asked } = setUp(100, undefined, true);
    for (const tick of ['one', 'two']) {
      const answers = ['a', 'b', 'c'].map((name) => gatherer.put(`${name} of ${tick}`));
      expect(asked.splice(0)).toEqual([[`a of ${tick}`]]);
      expect(await Promise.all(answers)).toEqual([
        `to a of ${tick}`,
        `to b of ${tick}`,
        `to c of ${tick}`,
      ]);
      expect(asked.splice(0)).toEqual([[`b of ${tick}`, `c of ${tick}`]]);
      // Its end has to come, or what is asked next is of the same one.
      await new Promise(setImmediate);
    }
  });

  it('asks no more at once than it may', async () => {
    const { gatherer, asked } = setUp(2);
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((question) => gatherer.put(question)));
    expect(asked).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('tells what decides on that how many commands are not answered yet', async () => {
    const setup = setUp(2);
    const answers: (() => void)[] = [];
    setup.answer = (questions) =>
      new Promise((resolve, reject) => {
        // The second fails: it is answered, too.
        const isSecond = answers.length === 1;
        answers.push(() => (isSecond ? reject(new Error('away')) : resolve([...questions])));
      });
    const first = ['a', 'b', 'c', 'd', 'e'].map((question) => setup.gatherer.put(question));
    await new Promise(setImmediate);
    expect(setup.unanswered.splice(0)).toEqual([0, 1, 2]);
    for (const answer of answers.slice(0, 2)) answer();
    await Promise.allSettled(first.slice(0, 4));
    const last = setup.gatherer.put('f');
    await new Promise(setImmediate);
    expect(setup.unanswered.splice(0)).toEqual([1]);
    for (const answer of answers) answer();
    expect(await Promise.all([first[4], last])).toEqual(['e', 'f']);
  });

  it('asks one after the other what fails only for being several, and each has its own end', async () => {
    const setup = setUp();
    setup.answer = async (questions) => {
      if (questions.length > 1) throw new Error('several');
      if (questions[0] === 'b') throw new Error('b alone');
      return questions.map((question) => `to ${question}`);
    };
    const ends = await Promise.allSettled(['a', 'b', 'c'].map((q) => setup.gatherer.put(q)));
    expect(ends).toEqual([
      { status: 'fulfilled', value: 'to a' },
      { status: 'rejected', reason: new Error('b alone') },
      { status: 'fulfilled', value: 'to c' },
    ]);
    expect(setup.asked).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
  });

  it('answers each in the context that it was asked in', async () => {
    const { gatherer, asked } = setUp();
    const tenant = new AsyncLocalStorage<string>();
    const ask = (name: string) =>
      tenant.run(name, () =>
        gatherer.put(name).then((answer) => [answer, tenant.getStore()] as const),
      );
    expect(await Promise.all(['acme', 'globex'].map(ask))).toEqual([
      ['to acme', 'acme'],
      ['to globex', 'globex'],
    ]);
    expect(asked).toHaveLength(1);
  });

  it('adds nothing to what is large already', async () => {
    const { gatherer, asked } = setUp(100, (question) => question.length * 100_000);
    await Promise.all(['large!', 'a', 'b', 'larger!'].map((question) => gatherer.put(question)));
    expect(asked).toEqual([['large!'], ['a', 'b', 'larger!']]);
  });

  it('fails all whose command failed, and alone what failed alone', async () => {
    const setup = setUp();
    setup.answer = async ([, ...others]) => [new Error('alone'), ...others];
    const [alone, other] = await Promise.allSettled(['a', 'b'].map((q) => setup.gatherer.put(q)));
    expect(alone).toEqual({ status: 'rejected', reason: new Error('alone') });
    expect(other).toEqual({ status: 'fulfilled', value: 'b' });
    setup.answer = () => Promise.reject(new Error('away'));
    const both = await Promise.allSettled(['a', 'b'].map((q) => setup.gatherer.put(q)));
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    setup.answer = async (questions) => [...questions];
    expect(await setup.gatherer.put('again')).toBe('again');
  });

  it.each([
    ['one too few', ['to b', 'to c']],
    ['one too many', ['to a', 'to b', 'to b', 'to c']],
  ])('gives nobody the answer of another where %s has come', async (_which, answers) => {
    const setup = setUp();
    setup.answer = async () => answers;
    const ends = await Promise.allSettled(['a', 'b', 'c'].map((q) => setup.gatherer.put(q)));
    const failed = new Error(`${answers.length} answers have come to 3 questions`);
    expect(ends).toEqual(Array(3).fill({ status: 'rejected', reason: failed }));
  });

  it('gives up on one whose budget is spent, while the others are waited for', async () => {
    const setup = setUp();
    let reply: (answers: string[]) => void = () => undefined;
    setup.answer = () => new Promise((resolve) => (reply = resolve));
    const short = setup.gatherer.put('short', 20);
    const patient = setup.gatherer.put('patient');
    const failure = expect(short).rejects.toMatchObject({ code: 'FAR_TIMEOUT' });
    await setup.clock.advance(30);
    await failure;
    reply(['late', 'answer']);
    expect(await patient).toBe('answer');
    await setup.clock.advance(10);
    expect(setup.clock.pending).toBe(0);
  });

  it('waits for each as long as its own budget says, if it is by one command', async () => {
    const setup = setUp();
    let reply: (answers: string[]) => void = () => undefined;
    setup.answer = () => new Promise((resolve) => (reply = resolve));
    const budgets = [20, 19.4, 40, 20];
    const answers = budgets.map((budgetMs) => setup.gatherer.put(`${budgetMs}`, budgetMs));
    const ends = Promise.allSettled(answers);
    await setup.clock.advance(30);
    reply(['1', '2', '3', '4']);
    const late = { status: 'rejected', reason: expect.objectContaining({ code: 'FAR_TIMEOUT' }) };
    expect(await ends).toEqual([late, late, { status: 'fulfilled', value: '3' }, late]);
    expect(setup.asked).toEqual([['20', '19.4', '40', '20']]);
  });

  it('sends nothing for one that has no budget left', async () => {
    const { gatherer, asked } = setUp();
    await expect(gatherer.put('late', 0)).rejects.toMatchObject({ code: 'FAR_TIMEOUT' });
    expect(asked).toEqual([]);
  });
});

describe('Tick', () => {
  it('has its gatherers send in their order, whichever was asked first', async () => {
    const sent: string[] = [];
    const tick = new Tick(() =>
      ['evictions', 'reads'].map((name) => ({ flush: () => sent.push(name) })),
    );
    tick.schedule();
    tick.schedule();
    expect(sent).toEqual([]);
    await new Promise(setImmediate);
    expect(sent).toEqual(['evictions', 'reads']);
  });
});
