/** One code point to be met, or a wildcard. */
export type GlobStep = number;

/** Any run of characters, of none too. */
export const ANY_RUN: GlobStep = -1;
/** Exactly one character. */
export const ANY_ONE: GlobStep = -2;

/** A pattern for one text. A character is a Unicode code point. */
export class Glob {
  /** What every match begins with. */
  readonly beginning: string;
  /** Whether it has no wildcard, and so matches its {@link beginning} alone. */
  readonly literal: boolean;

  constructor(private readonly steps: readonly GlobStep[]) {
    const wildcard = steps.findIndex((step) => step < 0);
    this.literal = wildcard < 0;
    this.beginning = String.fromCodePoint(...(this.literal ? steps : steps.slice(0, wildcard)));
  }

  /** Takes time in proportion to the text times the pattern at most, whatever the two are. */
  matches(text: string): boolean {
    if (this.literal) return text === this.beginning;
    return text.startsWith(this.beginning) && this.matchesPoints(pointsOf(text));
  }

  /** Whether some longer text that begins with `start` matches. */
  mayMatchBeyond(start: string): boolean {
    const points = pointsOf(start);
    for (const [i, point] of points.entries()) {
      const step = this.steps[i];
      // From a run on, what follows the known beginning can always be such that it fits.
      if (step === ANY_RUN) return true;
      if (step !== ANY_ONE && step !== point) return false;
    }
    return this.steps.length > points.length;
  }

  /** Goes back to the latest run when it gets stuck: no earlier one needs to be tried again. */
  private matchesPoints(points: readonly number[]): boolean {
    let step = 0;
    let at = 0;
    let runStep = -1;
    let runAt = 0;
    while (at < points.length) {
      const wanted = this.steps[step];
      if (wanted === ANY_RUN) {
        runStep = step++;
        runAt = at;
      } else if (wanted === ANY_ONE || wanted === points[at]) {
        step += 1;
        at += 1;
      } else if (runStep >= 0) {
        step = runStep + 1;
        at = ++runAt;
      } else return false;
    }
    while (this.steps[step] === ANY_RUN) step += 1;
    return step === this.steps.length;
  }
}

function pointsOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) as number);
}
