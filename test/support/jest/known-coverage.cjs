'use strict';

/** Of each file what some spec of this worker has run: statements, functions and branches. */
const known = new Map();

/**
 * Takes from what Istanbul has counted in a spec the files of which it ran nothing new. All counts of
 * all specs are copied, sent to another process and merged, map and all, only to see which are 0.
 *
 * @param coverage by path
 */
exports.leaveOutWhatIsKnown = function leaveOutWhatIsKnown(coverage) {
  for (const [path, file] of Object.entries(coverage)) {
    const before = known.get(path);
    const ran = before ?? new Set();
    const sizeBefore = ran.size;
    for (const name of namesOfRun(file)) ran.add(name);
    if (before && ran.size === sizeBefore) delete coverage[path];
    known.set(path, ran);
  }
};

function* namesOfRun({ s, f, b }) {
  for (const id in s) if (s[id] > 0) yield `s${id}`;
  for (const id in f) if (f[id] > 0) yield `f${id}`;
  for (const id in b) {
    for (const [index, count] of b[id].entries()) if (count > 0) yield `b${id}.${index}`;
  }
}
