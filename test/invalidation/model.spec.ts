import fc from 'fast-check';
import { ClusterModel, steps } from './cluster-model.js';

const RUNS = Number(process.env.MODEL_RUNS ?? 10_000);
const TIMEOUT_MS = 600_000;

describe('three processes on one far store and one bus, whatever happens to them', () => {
  it(
    'never answer, after an acknowledged invalidation, what was loaded before it, nor what is another tenant’s',
    async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (all) => {
          const model = new ClusterModel();
          await model.run(all);
          expect(model.violations).toEqual([]);
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );
});
