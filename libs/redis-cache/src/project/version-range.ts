const CARET = /^\^(\d+)\.(\d+)\.(\d+)$/;
const VERSION = /^(\d+)\.(\d+)\.(\d+)/;

/** Whether a version is within a range of the form `^1.2.3 || ^2.0.0`: all that our package.json has. */
export function isWithin(version: string, range: string): boolean {
  const [major, minor, patch] = numbersOf(VERSION, version);
  return range.split(' || ').some((part) => {
    const [lowestMajor, lowestMinor, lowestPatch] = numbersOf(CARET, part);
    if (major !== lowestMajor) return false;
    if (minor !== lowestMinor) return minor > lowestMinor && major > 0;
    return patch >= lowestPatch;
  });
}

/** The newest line of versions in such a range, in words that no shell reads as its own: `6`, `0.2`. */
export function newestOf(range: string): string {
  const [major, minor] = numbersOf(CARET, range.split(' || ').at(-1) ?? '');
  return major > 0 ? String(major) : `${major}.${minor}`;
}

function numbersOf(form: RegExp, text: string): [number, number, number] {
  const [, major, minor, patch] = form.exec(text) ?? [];
  return [Number(major), Number(minor), Number(patch)];
}
