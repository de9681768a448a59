import { MigrationRefusedError } from '../errors/migration-refused.error.js';
import { stepsBetween, type MigrationMode } from './migration-mode.js';

/** What a switch may be told. */
export interface SwitchOptions {
  /**
   * True switches although entries may be where the new mode does not look: in the Map for
   * `cache-only`, in the cache for `map-only`. They stay there, and are seen again after a switch back.
   * @default false
   */
  leaveBehind?: boolean;
}

/** The mode of a migration, and what has to hold before it is changed. */
export class ModeSwitch {
  /** Whether the Map is known to have all there is: in another mode, nobody knows what came before. */
  private complete: boolean;
  private emptying = false;

  constructor(
    private readonly cache: string,
    private current: MigrationMode,
  ) {
    this.complete = current === 'map-only';
  }

  get mode(): MigrationMode {
    return this.current;
  }

  /** Whether writes do not stay in the Map. */
  get draining(): boolean {
    return this.emptying;
  }

  /** @throws {MigrationRefusedError} the mode is not cache-first */
  beginDrain(): void {
    if (this.current !== 'cache-first') {
      throw new MigrationRefusedError(
        `The drain of '${this.cache}'`,
        `it is in the mode ${this.current}`,
        `Switch to cache-first, in every process, before entries leave the Map.`,
      );
    }
    this.emptying = true;
    this.complete = false;
  }

  /**
   * @param mapIsEmpty undefined if it cannot be told
   * @throws {MigrationRefusedError} more than one step forward, or entries would be lost sight of
   */
  async to(
    to: MigrationMode,
    leaveBehind: boolean,
    mapIsEmpty: () => Promise<boolean | undefined>,
  ): Promise<void> {
    const from = this.current;
    const steps = stepsBetween(from, to);
    if (steps === 0) return;
    const step = `The switch of '${this.cache}' from ${from} to ${to}`;
    if (steps > 1) {
      throw new MigrationRefusedError(
        step,
        'a migration goes forward by one mode at a time',
        'Take the modes in between, and see what each shows. Back it goes in one step.',
      );
    }
    if (!leaveBehind) await this.assertNothingIsLeft(step, to, mapIsEmpty);
    this.current = to;
    this.emptying = false;
    if (to === 'cache-only') this.complete = false;
    if (to === 'map-only') this.complete = true;
  }

  private async assertNothingIsLeft(
    step: string,
    to: MigrationMode,
    mapIsEmpty: () => Promise<boolean | undefined>,
  ): Promise<void> {
    if (to === 'map-only' && !this.complete) {
      throw new MigrationRefusedError(
        step,
        'entries may be in the cache alone, where map-only does not see them',
        'Stay in shadow, where each comes back to the Map when it is read, or say { leaveBehind: true }.',
      );
    }
    if (to !== 'cache-only') return;
    const empty = await mapIsEmpty();
    if (empty) return;
    throw new MigrationRefusedError(
      step,
      empty === false
        ? 'entries are left in the Map, where cache-only does not see them'
        : 'the Map cannot tell whether entries are left in it, having neither size nor keys()',
      'Call drain() until nothing is left, or say { leaveBehind: true }.',
    );
  }
}
