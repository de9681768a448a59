import { FakeClock } from '../../../../test/support/fake-clock.js';
import { Gate } from '../../../../test/support/gate.js';
import { SignsOfLife } from './signs-of-life.js';

class Setup {
  readonly clock = new FakeClock();
  readonly missed: string[] = [];
  readonly reply = new Gate();
  readonly signs = new SignsOfLife({
    clock: this.clock,
    silenceMs: 500,
    onMissed: (beat) => {
      this.missed.push(beat);
      return true;
    },
  });

  /** Sends one that the server takes when the gate is opened. */
  send(): Promise<boolean> {
    return this.signs.send(() => this.reply.pass());
  }

  async takeAll(): Promise<void> {
    this.reply.open();
    await this.clock.advance(0);
  }
}

describe('SignsOfLife', () => {
  it('are given their own time each, whether the server has taken them or not', async () => {
    const setup = new Setup();
    const ends: string[] = [];
    void setup.send().then((heard) => ends.push(`first ${heard}`));
    await setup.clock.advance(300);
    void setup.send().then((heard) => ends.push(`second ${heard}`));
    await setup.clock.advance(200);
    expect(ends).toEqual(['first false']);
    setup.signs.hear('2');
    await setup.clock.advance(0);
    expect(ends).toEqual(['first false', 'second true']);
    expect(setup.signs.delayMs).toBe(200);
  });

  it('are swallowed once the server has taken one whose time is over, and heard none since', async () => {
    const setup = new Setup();
    const sent = setup.send();
    await setup.clock.advance(600);
    expect(await sent).toBe(false);
    expect(setup.signs.areSwallowed).toBe(false);
    await setup.takeAll();
    expect(setup.signs.areSwallowed).toBe(true);
    setup.signs.hear('1');
    expect(setup.signs.areSwallowed).toBe(false);
    expect(setup.missed).toEqual(['1']);
  });

  it('are not swallowed where the latest is heard, and then the end of an earlier one', async () => {
    const setup = new Setup();
    const sent = [1, 2, 3].map(() => setup.send());
    await setup.takeAll();
    await setup.clock.advance(500);
    expect(await Promise.all(sent)).toEqual([false, false, false]);
    setup.signs.hear('3');
    setup.signs.hear('1');
    expect(setup.missed).toEqual(['1', '2', '3']);
    expect(setup.signs.areSwallowed).toBe(false);
  });

  it('are swallowed where one of several was heard late, and a later one was not', async () => {
    const setup = new Setup();
    const slow = new Gate();
    const sent = [setup.signs.send(() => slow.pass()), setup.send()];
    await setup.takeAll();
    await setup.clock.advance(500);
    expect(await Promise.all(sent)).toEqual([false, false]);
    slow.open();
    await setup.clock.advance(0);
    setup.signs.hear('1');
    expect(setup.missed).toEqual(['2', '1']);
    expect(setup.signs.areSwallowed).toBe(true);
  });

  it('are swallowed by the connection in use alone, not by the one before it', async () => {
    const setup = new Setup();
    const sent = setup.send();
    await setup.takeAll();
    await setup.clock.advance(500);
    expect(await sent).toBe(false);
    expect(setup.signs.areSwallowed).toBe(true);
    setup.signs.giveUp();
    expect(setup.signs.areSwallowed).toBe(false);
  });

  it('say nothing of another connection than the one in use', async () => {
    const setup = new Setup();
    void setup.send();
    await setup.clock.advance(600);
    const another = setup.send();
    setup.signs.giveUp();
    expect(await another).toBe(false);
    await setup.takeAll();
    expect(setup.signs.areSwallowed).toBe(false);
    expect(setup.missed).toEqual([]);
  });

  it('fail as sending does, and leave nothing behind', async () => {
    const { signs, clock, missed } = new Setup();
    await expect(signs.send(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(clock.pending).toBe(0);
    expect(signs.areSwallowed).toBe(false);
    expect(missed).toEqual([]);
  });

  it.each(['', 'x', '2'])('are none of them heard by %p', async (beat) => {
    const setup = new Setup();
    const sent = setup.send();
    setup.signs.hear(beat);
    await setup.takeAll();
    await setup.clock.advance(500);
    expect(await sent).toBe(false);
    expect(setup.signs.areSwallowed).toBe(true);
  });
});
