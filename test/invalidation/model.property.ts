import fc from 'fast-check';
import { ClusterModel } from './cluster-model.js';
import { stories, type By, type Step, type Story } from './model-steps.js';

/**
 * Whatever happens, and in whatever order: nobody answers what they must not.
 *
 * @param ran is shown each model that has run
 */
export function nobodyAnswersAmiss(ran: (model: ClusterModel) => void) {
  return fc.asyncProperty(stories, async (story) => {
    const model = new ClusterModel(story);
    await model.run(story.steps);
    ran(model);
    if (model.violations.length > 0) throw new Error(model.violations.join('\n'));
  });
}

const SAME = { process: 0, tenant: 0, key: 0 };
const ISOLATED: Step[] = [
  { kind: 'read', ...SAME },
  { kind: 'isolate', process: 0 },
  { kind: 'change', ...SAME, by: 'key' },
];

/** The first process keeps its entries apart, and another one has stored one in Redis. */
const APART: Step[] = [
  { kind: 'die', process: 0, apart: true },
  { kind: 'read', ...SAME, process: 1 },
];

/** What luck seldom comes to: most of them are the one way to see that a step is missing. */
export const SELDOM: [Story][] = [...ofApart(), ...ofSuccessors(), ...ofStores()];

function ofApart(): [Story][] {
  const told = (...steps: Step[]): [Story] => [
    { store: 'none', near: true, steps: [...APART, ...steps] },
  ];
  return [
    // It evicts what it can tell nobody, and the next one does not serve that.
    told(
      { kind: 'disconnect', process: 0 },
      { kind: 'change', ...SAME, by: 'key' },
      { kind: 'die', process: 0, apart: false },
      { kind: 'read', ...SAME },
    ),
    // It does not keep what it loads under a tag of the result that another one evicts meanwhile.
    told(
      { kind: 'slowRead', ...SAME },
      { kind: 'change', ...SAME, process: 1, by: 'resultTag' },
      { kind: 'deliverAll', process: 0 },
      { kind: 'finish', which: 0 },
      { kind: 'read', ...SAME },
    ),
  ];
}

/** A process is told what another one has stored in place of what it keeps. */
function ofSuccessors(): [Story][] {
  const set: Step = { kind: 'changes', ...SAME, process: 1, by: ['set'] };
  const hear: Step = { kind: 'deliverAll', process: 0 };
  const read: Step = { kind: 'read', ...SAME };
  const told = (...steps: Step[]): [Story] => [
    { store: 'none', near: true, steps: [read, set, ...steps, read] },
  ];
  const own = (by: By): Step => ({ kind: 'change', ...SAME, by });
  return [
    // It has another one by now, which is newer.
    told(own('key'), read, hear),
    told(own('put'), hear),
    told({ kind: 'changes', ...SAME, by: ['set'] }, hear),
    // What it was told does not hold any more when it is asked for it.
    told(hear, { kind: 'change', ...SAME, process: 2, by: 'tenant' }, hear),
    told(hear, own('tag')),
    told(own('tag'), hear),
    // What is told twice, or late, is not put back.
    told({ kind: 'deliver', process: 0, which: 0, twice: true }, set, hear, set, hear),
  ];
}

function ofStores(): [Story][] {
  return (['ordered', 'keyv'] as const).flatMap((store) => {
    const told = (...steps: Step[]): [Story] => [
      { store, near: false, steps: [...ISOLATED, ...steps] },
    ];
    return [
      // The store takes what it lacks before the process looks into it…
      told(
        { kind: 'healStore', process: 0 },
        { kind: 'advance', ms: 2_500 },
        { kind: 'read', ...SAME },
      ),
      // … and Redis is told of it before others can fill it from the store.
      told(
        { kind: 'reconnect', process: 0 },
        { kind: 'read', ...SAME, process: 1 },
        { kind: 'read', ...SAME },
      ),
      // A call that waits while Redis loses what it remembers for the store may answer what it has.
      [
        {
          store,
          near: false,
          steps: [
            { kind: 'slowRead', ...SAME, process: 1 },
            { kind: 'disconnect', process: 0 },
            { kind: 'cutStore', process: 1 },
            { kind: 'read', ...SAME },
            { kind: 'change', ...SAME, process: 1, by: 'tenant' },
            { kind: 'read', ...SAME, process: 1 },
            { kind: 'loseData' },
            { kind: 'read', ...SAME, process: 2 },
          ],
        },
      ],
      // Who keeps its entries apart asks Redis what the store lacks by the fault of others.
      [
        {
          store,
          near: true,
          steps: [
            ...APART,
            { kind: 'cutStore', process: 1 },
            { kind: 'change', ...SAME, process: 1, by: 'key' },
            { kind: 'deliverAll', process: 0 },
            { kind: 'read', ...SAME },
          ],
        },
      ],
    ];
  });
}

/** One that leads to the same sequences whenever it is given again. */
export function newSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}
