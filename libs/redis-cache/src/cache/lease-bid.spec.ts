import { LeaseBid } from './lease-bid.js';

describe('a request for a lease', () => {
  const onGivenLate = jest.fn();

  beforeEach(() => onGivenLate.mockClear());

  it('whose lease is given in time is over', () => {
    new LeaseBid(onGivenLate).onGiven();
    expect(onGivenLate).not.toHaveBeenCalled();
  });

  it('that is given up tells each time that the lease is given after that', () => {
    const bid = new LeaseBid(onGivenLate);
    expect(bid.giveUp()).toBe(true);
    expect(onGivenLate).not.toHaveBeenCalled();
    bid.onGiven();
    bid.onGiven();
    expect(onGivenLate).toHaveBeenCalledTimes(2);
  });

  it('that Redis refuses has no lease to give back', () => {
    expect(new LeaseBid(onGivenLate).giveUp(true)).toBe(false);
  });

  it('that was given its lease has one, although something behind that was refused', () => {
    const bid = new LeaseBid(onGivenLate);
    bid.onGiven();
    expect(bid.giveUp(true)).toBe(true);
    expect(onGivenLate).not.toHaveBeenCalled();
  });
});
