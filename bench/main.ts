/** Measures the cache against code by hand and its peers: see CONTRIBUTING.md. */

import { buildLibrary } from './run/library-build.js';

buildLibrary();
// Whatever is measured needs the library as it is built.
void import('./run/benchmarks.js').then(({ runBenchmarks }) =>
  runBenchmarks(process.argv.slice(2)),
);
