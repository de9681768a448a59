import { Gate } from '../../../../test/support/gate.js';
import { Permits } from './permits.js';

describe('Permits', () => {
  it('let a number of things run at once, the others in the order they came', async () => {
    const permits = new Permits(2);
    const gates = [new Gate(), new Gate(), new Gate(), new Gate()];
    const runs = gates.map((gate, index) => permits.use(() => gate.pass().then(() => index)));
    await gates[1]?.reached;
    expect(gates.map(({ arrivals }) => arrivals)).toEqual([1, 1, 0, 0]);
    gates[1]?.open();
    await gates[2]?.reached;
    expect(gates.map(({ arrivals }) => arrivals)).toEqual([1, 1, 1, 0]);
    for (const gate of gates) gate.open();
    expect(await Promise.all(runs)).toEqual([0, 1, 2, 3]);
  });

  it('are given back by what fails', async () => {
    const permits = new Permits(1);
    const failing = permits.use(() => Promise.reject(new Error('own')));
    const throwing = permits.use(() => {
      throw new Error('thrown');
    });
    await expect(failing).rejects.toThrow('own');
    await expect(throwing).rejects.toThrow('thrown');
    expect(await permits.use(() => 'mine')).toBe('mine');
  });
});
