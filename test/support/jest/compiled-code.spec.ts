import { compileFunction, createContext, Script } from 'node:vm';

type Compile = typeof compileFunction;

interface CompiledCode {
  compile: Compile;
  keep(): void;
}

const { CompiledCode } = jest.requireActual<{
  CompiledCode: new (compile: Compile) => CompiledCode;
}>('./compiled-code.cjs');

describe('the code of modules', () => {
  let code: CompiledCode;

  beforeEach(() => {
    code = new CompiledCode(compileFunction);
  });

  const run = (text: string, value: unknown, globals: object = {}): unknown => {
    const options = { filename: '/some/file.js', parsingContext: createContext(globals) };
    return (code.compile(text, ['value', 'other'], options) as (value: unknown) => unknown)(value);
  };

  it('is that of the realm that it is compiled into, each time', () => {
    const text = 'return [value, typeof other, mark, Array];';
    const first = run(text, 1, { mark: 'a' }) as unknown[];
    code.keep();
    const second = run(text, 2, { mark: 'b' }) as unknown[];
    expect([...first].slice(0, 3)).toEqual([1, 'undefined', 'a']);
    expect([...second].slice(0, 3)).toEqual([2, 'undefined', 'b']);
    expect(new Set([first[3], second[3], Array]).size).toBe(3);
  });

  it('is taken from what was made of the same text, and made of another one', () => {
    const created = jest.spyOn(Script.prototype, 'createCachedData');
    for (const text of ['return 1;', 'return 1;', 'return 2;', 'return 2;']) {
      expect(run(text, undefined)).toBe(Number(text.at(-2)));
      code.keep();
    }
    expect(created).toHaveBeenCalledTimes(2);
    created.mockRestore();
  });

  it('is strict where it says so', () => {
    expect(run('"use strict"; return this;', undefined)).toBeUndefined();
  });

  it('says where it fails as it stands in the file', () => {
    for (const text of ['throw new Error();', '\n  throw new Error();']) {
      const [, line, column] = /file\.js:(\d+):(\d+)/.exec(stackOf(() => run(text, 0))) ?? [];
      const lines = text.split('\n');
      expect([Number(line), Number(column)]).toEqual([
        lines.length,
        (lines.at(-1) ?? '').indexOf('new') + 1,
      ]);
    }
  });

  it('is compiled as ever where it belongs to no realm', () => {
    expect((code.compile('return a + 1;', ['a']) as (a: number) => number)(1)).toBe(2);
  });
});

function stackOf(fail: () => unknown): string {
  try {
    fail();
  } catch (error) {
    return String((error as Error).stack);
  }
  return '';
}
