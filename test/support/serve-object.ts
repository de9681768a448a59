/** What is asked of a process that serves objects: to make one, or to call a method of it. */
export type ChildQuestion =
  { readonly make: unknown } | { readonly method: string; readonly args: readonly unknown[] };

export type ChildRequest = ChildQuestion & { readonly number: number };

/** What it answers. */
export type ChildResponse =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly error: string };

interface Closable {
  close(): unknown;
}

type Methods = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/** Serves objects to the process that started this one; `ChildObject` is the other end. */
export function serveObject(make: (options: never) => Promise<Closable>): void {
  let object: Closable | undefined;
  const answer = async (question: ChildQuestion): Promise<unknown> => {
    if ('method' in question) {
      return (object as unknown as Methods)[question.method]?.apply(object, [...question.args]);
    }
    await object?.close();
    object = await make(question.make as never);
    return undefined;
  };
  process.on('message', (request: ChildRequest) => {
    void respond(request.number, () => answer(request));
  });
  // Once told to close, or when the other end is gone, nothing may keep this process alive.
  process.once('disconnect', () => void object?.close());
}

async function respond(number: number, answer: () => Promise<unknown>): Promise<void> {
  let response: ChildResponse;
  try {
    response = { number, value: await answer() };
  } catch (error) {
    response = { number, error: (error as Error).message };
  }
  if (process.connected) process.send?.(response);
}
