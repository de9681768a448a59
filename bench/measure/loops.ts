import { runInThisContext } from 'node:vm';

/** Does so many operations. */
export type Loop = (operations: number) => Promise<void>;

/** One operation; it is given how many came before it. */
export type Operation = (index: number) => unknown;

let compiled = 0;

/** One operation after the other, each awaited. */
export function oneByOne(operation: Operation): Loop {
  return compile(
    `async (operations) => {
      for (let index = 0; index < operations; index++) await operation(done++);
    }`,
    operation,
  );
}

/** One operation after the other where they answer at once, without a promise. */
export function synchronously(operation: Operation): Loop {
  return compile(
    `async (operations) => {
      for (let index = 0; index < operations; index++) operation(done++);
    }`,
    operation,
  );
}

/** So many callers at the same time, each with one operation after the other. */
export function inFlight(callers: number, operation: Operation): Loop {
  if (callers === 1) return oneByOne(operation);
  return compile(
    `async (operations) => {
      const end = done + operations;
      const call = async () => {
        while (done < end) await operation(done++);
      };
      await Promise.all(Array.from({ length: ${String(callers)} }, call));
    }`,
    operation,
  );
}

/**
 * Every contender gets code of its own. With one function for all, the first would be measured with
 * its calls inlined, and the others without, as they share what the compiler has learnt.
 */
function compile(source: string, operation: Operation): Loop {
  const name = `loop${String(++compiled)}`;
  const factory = runInThisContext(
    `(function ${name}(operation) { let done = 0; return ${source}; })`,
    { filename: `${name}.js` },
  ) as (operation: Operation) => Loop;
  return factory(operation);
}
