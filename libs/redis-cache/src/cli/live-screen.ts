import type { Screen } from './terminal.js';

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const TO_END_OF_LINE = '\x1b[K';
const TO_END_OF_SCREEN = '\x1b[J';

/**
 * A terminal that one view has to itself, drawn over and over. It has a screen of its own for that, so
 * that {@link close} leaves the terminal as it was.
 */
export class LiveScreen {
  private view: (() => readonly string[]) | undefined;
  private readonly redraw = (): void => this.draw();

  constructor(private readonly screen: Screen) {}

  show(view: () => readonly string[]): void {
    if (!this.view) {
      this.screen.write(ENTER);
      this.screen.on('resize', this.redraw);
    }
    this.view = view;
    this.draw();
  }

  close(): void {
    if (!this.view) return;
    this.view = undefined;
    this.screen.off('resize', this.redraw);
    this.screen.write(LEAVE);
  }

  /** In one piece and without clearing first, or it would flicker. */
  private draw(): void {
    const lines = (this.view?.() ?? []).slice(0, this.screen.rows ?? Infinity);
    const drawn = lines.map((line) => line + TO_END_OF_LINE).join('\r\n');
    this.screen.write(HOME + drawn + TO_END_OF_SCREEN);
  }
}
