import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { newSeed, nobodyAnswersAmiss, SELDOM } from './model.property.js';

const BATCH = 1_000;
const DEFAULT_MINUTES = 5;

/**
 * Runs the model for as long as wanted: `npm run soak -- --minutes 30`, or `--sequences 100000`; with
 * `--seed` the sequences of an earlier batch. Prints the seed of each batch, and fails at the first
 * violation, with the shortest sequence that leads to it.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string' },
      sequences: { type: 'string' },
      seed: { type: 'string' },
    },
  });
  const sequences = numberOf('sequences', values.sequences) ?? Infinity;
  const minutes =
    numberOf('minutes', values.minutes) ?? (sequences < Infinity ? Infinity : DEFAULT_MINUTES);
  const untilMs = performance.now() + minutes * 60_000;
  let seed = numberOf('seed', values.seed) ?? newSeed();
  let persistentHits = 0;
  const property = nobodyAnswersAmiss((model) => (persistentHits += model.persistentHits));
  for (let done = 0; done < sequences && performance.now() < untilMs; seed = newSeed()) {
    const numRuns = Math.min(BATCH, sequences - done);
    const result = await fc.check(property, { examples: SELDOM, numRuns, seed });
    if (result.failed) {
      const report = `${fc.defaultReportMessage(result)}\n\n${String(result.errorInstance)}`;
      console.error(`${report}\n\nAgain: npm run soak -- --seed ${seed}`);
      process.exitCode = 1;
      return;
    }
    done += numRuns;
    const answers = `${persistentHits} answers out of a persistent store`;
    console.log(`seed ${seed}: well; ${done} sequences so far, ${answers}`);
  }
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new Error(`--${name} is '${text}'; expected a number, as in --${name} 10.`);
}

void main();
