import { EngineHarness } from '../../../../test/support/engine-harness.js';
import { Gate } from '../../../../test/support/gate.js';
import { SharedMemory } from '../../../../test/support/memory-far.store.js';
import type { CachePolicy } from '../config/cache-policy.js';

interface Lead {
  name: string;
  tags: string[];
}

class Company {
  constructor(readonly name: string) {}
}

const ada = (): Lead => ({ name: 'Ada', tags: ['vip'] });

/** Changes all that an answer has. */
function spoil(answer: unknown): void {
  const lead = answer as Lead;
  lead.name = 'changed by its caller';
  lead.tags.push('changed');
}

/** What is kept in the process, of the entry `k`. */
function kept(h: EngineHarness) {
  const [only, ...others] = h.near.all();
  expect(others).toEqual([]);
  return only?.entry;
}

async function readerOf(policy: CachePolicy = {}): Promise<EngineHarness> {
  const memory = new SharedMemory();
  const writer = new EngineHarness({ memory });
  await writer.engine.getOrLoad(writer.request(ada, policy));
  return new EngineHarness({ memory, clock: writer.clock });
}

function noLoad(): never {
  throw new Error('It is there.');
}

describe('CacheEngine: what it holds of a value', () => {
  const origins: [string, () => Promise<{ h: EngineHarness; first: unknown }>][] = [
    [
      'loaded',
      async () => {
        const h = new EngineHarness();
        return { h, first: await h.engine.getOrLoad(h.request(ada)) };
      },
    ],
    [
      'set',
      async () => {
        const h = new EngineHarness();
        const first = ada();
        await h.engine.set(h.request(noLoad), first);
        return { h, first };
      },
    ],
    [
      'read from Redis',
      async () => {
        const h = await readerOf();
        return { h, first: await h.engine.getOrLoad(h.request(noLoad)) };
      },
    ],
    [
      'looked up in Redis',
      async () => {
        const h = await readerOf();
        const looked = await h.engine.get(h.ref(), h.request(noLoad).policy);
        return { h, first: looked.kind === 'hit' ? looked.value : undefined };
      },
    ],
  ];

  it.each(origins)(
    'keeps what was %s as its text, and reads it at the first hit only',
    async (_, begin) => {
      const { h, first } = await begin();
      expect(first).toEqual(ada());
      spoil(first);
      expect(kept(h)).toMatchObject({ text: JSON.stringify(ada()), value: undefined });

      const parse = jest.spyOn(JSON, 'parse');
      try {
        for (let hit = 0; hit < 3; hit += 1) {
          const answer = await h.engine.getOrLoad(h.request(noLoad));
          expect(answer).toEqual(ada());
          spoil(answer);
        }
        expect(parse).toHaveBeenCalledTimes(1);
      } finally {
        parse.mockRestore();
      }
      expect(kept(h)).toMatchObject({ text: undefined, value: ada() });
    },
  );

  it('hands the value that was read to its caller as it is, and keeps nothing of it', async () => {
    const h = await readerOf();
    const parse = jest.spyOn(JSON, 'parse');
    try {
      const answer = await h.engine.getOrLoad(h.request(noLoad));
      expect(parse.mock.results.map(({ value }) => value as unknown)).toContain(answer);
      expect(parse).toHaveBeenCalledTimes(1);
    } finally {
      parse.mockRestore();
    }
  });

  it('gives each of those who share a read a value of its own', async () => {
    const h = await readerOf();
    const request = () => h.engine.getOrLoad(h.request(noLoad));
    const answers = await Promise.all([request(), request(), request()]);
    for (const answer of answers) {
      expect(answer).toEqual(ada());
      spoil(answer);
    }
    expect(h.far.count('get')).toBe(1);
    expect(await request()).toEqual(ada());
  });

  it('gives each of those who share a load a value of its own', async () => {
    const h = new EngineHarness();
    const gate = new Gate();
    const load = jest.fn(async () => {
      await gate.pass();
      return ada();
    });
    const answers = [1, 2, 3].map(() => h.engine.getOrLoad(h.request(load)));
    gate.open();
    for (const answer of await Promise.all(answers)) {
      expect(answer).toEqual(ada());
      spoil(answer);
    }
    expect(load).toHaveBeenCalledTimes(1);
    expect(await h.engine.getOrLoad(h.request(noLoad))).toEqual(ada());
  });

  it('keeps a shared value as the frozen object that every hit is answered with', async () => {
    const share = { near: { share: true } };
    const h = await readerOf(share);
    const first = await h.engine.getOrLoad(h.request(noLoad, share));
    expect(Object.isFrozen(first)).toBe(true);
    expect(kept(h)?.text).toBeUndefined();
    expect(kept(h)?.value).toBe(first);
    expect(await h.engine.getOrLoad(h.request(noLoad, share))).toBe(first);
  });

  it('keeps a copy of what JSON does not carry, loaded or read', async () => {
    const memory = new SharedMemory();
    for (const h of [new EngineHarness({ memory }), new EngineHarness({ memory })]) {
      const load = () => ({ at: new Date(1) });
      const first = (await h.engine.getOrLoad(h.request(load))) as ReturnType<typeof load>;
      expect(first).toEqual({ at: new Date(1) });
      first.at.setTime(2);
      expect(kept(h)).toMatchObject({ text: undefined, value: { at: new Date(1) } });
    }
  });

  it('keeps a copy of it where it is looked up, too', async () => {
    const memory = new SharedMemory();
    const writer = new EngineHarness({ memory });
    await writer.engine.set(writer.request(noLoad), { at: new Date(1) });
    const h = new EngineHarness({ memory, clock: writer.clock });
    const looked = await h.engine.get(h.ref(), h.request(noLoad).policy);
    const { at } = (looked.kind === 'hit' ? looked.value : {}) as { at: Date };
    expect(at).toEqual(new Date(1));
    at.setTime(2);
    expect(kept(h)).toMatchObject({ text: undefined, value: { at: new Date(1) } });
  });

  it('keeps instances of classes, of which the JSON is no text of the value, as they are', async () => {
    const classes = { type: () => Company };
    const h = new EngineHarness();
    await h.engine.getOrLoad(h.request(() => new Company('Acme'), classes));
    expect(kept(h)?.text).toBeUndefined();
    const hit = await h.engine.getOrLoad(h.request(noLoad, classes));
    expect(hit).toBeInstanceOf(Company);
    expect(hit).not.toBe(kept(h)?.value);
  });

  it('keeps what was compressed as the value that it is', async () => {
    const policy: CachePolicy = { compressFromBytes: 100 };
    const names = Array<string>(100).fill('Ada');
    const memory = new SharedMemory();
    const writer = new EngineHarness({ memory });
    await writer.engine.getOrLoad(writer.request(() => [...names], policy));
    const h = new EngineHarness({ memory, clock: writer.clock });
    const answer = (await h.engine.getOrLoad(h.request(noLoad, policy))) as string[];
    expect(answer).toEqual(names);
    answer.pop();
    expect(kept(h)).toMatchObject({ text: undefined, value: names });
  });

  it('counts the text as the bytes that it takes in this process', async () => {
    const bytesOf = async (name: string) => {
      const h = new EngineHarness();
      await h.engine.getOrLoad(h.request(() => ({ name })));
      const reader = new EngineHarness({ memory: h.far.memory, clock: h.clock });
      await reader.engine.getOrLoad(reader.request(noLoad));
      expect(reader.near.bytes).toBe(h.near.bytes);
      return h.near.bytes;
    };
    const bytes = await bytesOf('x'.repeat(1_000));
    const json = JSON.stringify({ name: 'x'.repeat(1_000) }).length;
    expect(await bytesOf(`${'x'.repeat(999)}\u0141`)).toBe(bytes + json);
    // In UTF-8 more than that.
    expect(await bytesOf('\u4e2d'.repeat(1_000))).toBe(bytes + 2_000);
  });

  it.each([['a string'], [0], [true], [null], [[]], [{}]])('holds %j', async (value) => {
    const h = new EngineHarness();
    expect(await h.engine.getOrLoad(h.request(() => value))).toEqual(value);
    for (let hit = 0; hit < 2; hit += 1) {
      expect(await h.engine.getOrLoad(h.request(noLoad))).toEqual(value);
    }
  });
});
