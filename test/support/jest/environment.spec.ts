import { AsyncLocalStorage } from 'node:async_hooks';

interface Environment {
  setup(): Promise<void>;
  teardown(): Promise<void>;
}

type EnvironmentClass = new (config: object, context: object) => Environment;

describe('the environment of specs', () => {
  it('ends each AsyncLocalStorage that was used in it, and leaves the class as it was', async () => {
    const environment = new (jest.requireActual<EnvironmentClass>('./environment.cjs'))(
      { projectConfig: { testEnvironmentOptions: {}, globals: {}, fakeTimers: {} } },
      {},
    );
    const before = new AsyncLocalStorage<string>();
    before.enterWith('before');
    const methods = methodsOfStorage();

    await environment.setup();
    const within = new AsyncLocalStorage<string>();
    within.enterWith('within');
    const seen = within.getStore();
    await environment.teardown();

    expect([seen, within.getStore(), before.getStore()]).toEqual(['within', undefined, 'before']);
    expect(methodsOfStorage()).toEqual(methods);
  });
});

function methodsOfStorage(): unknown[] {
  return ['run', 'enterWith'].map(
    (name) => Reflect.get(AsyncLocalStorage.prototype, name) as unknown,
  );
}
