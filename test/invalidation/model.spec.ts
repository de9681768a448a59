import fc from 'fast-check';
import { newSeed, nobodyAnswersAmiss } from './model.property.js';

const RUNS = Number(process.env.MODEL_RUNS ?? 10_000);
const SEED = Number(process.env.MODEL_SEED ?? newSeed());
const TIMEOUT_MS = 600_000;

describe('three processes on one far store and one bus, whatever happens to them', () => {
  it(
    'never answer, after an acknowledged invalidation, what was loaded before it, nor what is another tenant’s',
    async () => {
      process.stdout.write(`\nModel: ${RUNS} sequences, MODEL_SEED=${SEED}\n`);
      await fc.assert(nobodyAnswersAmiss, { numRuns: RUNS, seed: SEED });
    },
    TIMEOUT_MS,
  );
});
