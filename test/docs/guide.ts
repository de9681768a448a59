import { join } from 'node:path';
import { headingAbove, programsOf, read, ROOT } from './markdown.js';

/** TypeScript of a guide: one block, or several of which each continues the one before. */
export interface GuideProgram<T = unknown> {
  readonly code: string;
  /**
   * Runs it as a module of this process, each time anew.
   *
   * @returns what it exports
   */
  run(): T;
}

interface FoundProgram extends GuideProgram {
  readonly heading: string;
  /** Where it begins in the file. */
  readonly place: string;
}

/** A document whose TypeScript is run: whoever takes a program out of it is to do so. */
export class Guide {
  readonly text: string;
  private readonly found: readonly FoundProgram[];
  private readonly taken = new Set<FoundProgram>();

  constructor(readonly document: string) {
    this.text = read(document);
    const runs = () => jest.requireActual<((exports: object) => unknown)[]>(join(ROOT, document));
    this.found = programsOf(this.text).map((blocks, index) => ({
      heading: headingAbove(this.text, blocks[0].line),
      place: `${document}:${blocks[0].line}`,
      code: blocks.map(({ code }) => code).join('\n'),
      run: () => {
        const run = runs()[index];
        if (!run) throw new Error(`guide.transform.cjs has not found program ${index} there.`);
        return run({});
      },
    }));
  }

  /** The program under a heading; of several there, the one of this number, from 0. */
  program<T>(heading: string, number = 0): GuideProgram<T> {
    const found = this.found.filter((program) => program.heading === heading)[number];
    if (!found) throw new Error(`${this.document} has no program ${number} under "${heading}".`);
    this.taken.add(found);
    return found as GuideProgram<T>;
  }

  /** All programs. */
  programs(): readonly GuideProgram[] {
    for (const program of this.found) this.taken.add(program);
    return this.found;
  }

  /** Where those begin that nobody has taken. */
  notTaken(): string[] {
    return this.found.filter((program) => !this.taken.has(program)).map(({ place }) => place);
  }
}

/**
 * Describes what the TypeScript of a document does. Its programs are taken while the tests are
 * described; one that none of them takes fails a test of its own.
 */
export function describeGuide(document: string, tests: (guide: Guide) => void): void {
  describe(document, () => {
    const guide = new Guide(document);
    tests(guide);

    // A block that fails this one is new: take it by `guide.program(heading)`, and test what it does.
    it('has no TypeScript but what is run here', () => {
      expect(guide.notTaken()).toEqual([]);
    });
  });
}
