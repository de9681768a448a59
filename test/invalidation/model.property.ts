import fc from 'fast-check';
import { ClusterModel } from './cluster-model.js';
import { stories } from './model-steps.js';

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

/** One that leads to the same sequences whenever it is given again. */
export function newSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}
