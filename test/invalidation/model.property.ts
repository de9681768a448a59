import fc from 'fast-check';
import { ClusterModel } from './cluster-model.js';
import { stories, type Step, type Story } from './model-steps.js';

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

/** What luck seldom comes to: each is the one way to see that a step of recovery is missing. */
export const SELDOM: [Story][] = (['ordered', 'keyv'] as const).flatMap((store) => {
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
  ];
});

/** One that leads to the same sequences whenever it is given again. */
export function newSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}
