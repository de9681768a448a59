import fc from 'fast-check';
import { ClusterModel } from './cluster-model.js';
import { steps } from './model-steps.js';

/** Whatever happens, and in whatever order: nobody answers what they must not. */
export const nobodyAnswersAmiss = fc.asyncProperty(steps, async (all) => {
  const model = new ClusterModel();
  await model.run(all);
  if (model.violations.length > 0) throw new Error(model.violations.join('\n'));
});

/** One that leads to the same sequences whenever it is given again. */
export function newSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}
