'use strict';

const ts = require('typescript');

const BLOCK = /(<!-- continues -->\n\n)?^```ts\n([^]*?)^```$/gm;

const COMPILER_OPTIONS = {
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2023,
  esModuleInterop: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

/** Makes a module of the TypeScript in a guide: each program has its names to itself. */
module.exports = {
  process(markdown) {
    const programs = [];
    for (const [, continues, code] of markdown.matchAll(BLOCK)) {
      if (continues) programs.push(programs.pop() + code);
      else programs.push(code);
    }
    const code = programs
      .map(
        (program) => ts.transpileModule(program, { compilerOptions: COMPILER_OPTIONS }).outputText,
      )
      .map((program) => `((exports) => {\n${program}\n})({});\n`);
    return { code: code.join('') };
  },
};
