'use strict';

/** What Istanbul knows of each file, by its hash of it, as it is before anything runs. */
const known = new Map();

/**
 * For the global of a spec: gives the counters of a file there.
 *
 * @param make Istanbul's own function, which makes them
 */
exports.coverageIn = (global) =>
  function coverageOf(hash, make) {
    const data = known.get(hash);
    if (!data) {
      const made = make();
      // By its text: the object itself would keep all of that spec alive.
      known.set(hash, JSON.parse(JSON.stringify(made)));
      return () => made;
    }
    const coverage = (global.__coverage__ ??= {});
    const there = coverage[data.path];
    const counters = there?.hash === hash ? there : (coverage[data.path] = zeroed(data));
    return () => counters;
  };

function zeroed(data) {
  const branches = Object.entries(data.b).map(([id, counts]) => [id, [...counts]]);
  return { ...data, s: { ...data.s }, f: { ...data.f }, b: Object.fromEntries(branches) };
}
