'use strict';

/** How TypeScript of this repository is compiled wherever tests run it. */
module.exports = {
  swcrc: false,
  sourceMaps: 'inline',
  // Whoever reads a map reads the file itself. With it every spec would load the sources twice over.
  inlineSourcesContent: false,
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2023',
    keepClassNames: true,
  },
  module: { type: 'commonjs' },
};
