import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { generateTraffic } from '../../apps/voice-agent/demo/generate-traffic.js';
import { Replay } from '../../apps/voice-agent/src/demo/replay.js';
import { latencyTable, percentile, type Pass } from '../../apps/voice-agent/src/demo/report.js';
import { storedTraffic, type Exchange } from '../../apps/voice-agent/src/demo/traffic.js';
import { brokenPromises } from '../../apps/voice-agent/src/demo/verdict.js';

const CALL = { caller_id: '+1', agent_id: 'a', called_number: '+2', call_sid: 'c' };
const EDIT = { organizationId: 'acme-solar', leadId: 'lead_0001', lastName: 'Ito', call: CALL };
const TRAFFIC: Exchange[] = [
  { kind: 'call', call: CALL },
  { kind: 'edit', ...EDIT },
];

describe('the traffic of the demo', () => {
  it('is what its generator makes, 2,000 calls and edits', () => {
    const stored = storedTraffic();
    expect(stored).toHaveLength(2_000);
    expect(stored).toEqual(generateTraffic());
    expect(stored.filter(({ kind }) => kind === 'edit').length).toBeGreaterThan(50);
  });
});

describe('a replay', () => {
  let server: Server;
  let lastName: string;

  type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

  const change: Answer = async (request, response) => {
    ({ lastName } = (await json(request)) as { lastName: string });
    response.end('{}');
  };
  const tellName: Answer = (_request, response) => {
    response.end(JSON.stringify({ dynamic_variables: { customer_name: `Ben ${lastName}` } }));
  };
  const tellOldName: Answer = (_request, response) => {
    response.end(JSON.stringify({ dynamic_variables: { customer_name: 'Ben Old' } }));
  };
  const fail: Answer = (_request, response) => {
    response.statusCode = 500;
    response.end('{}');
  };
  const hangUp: Answer = ({ socket }) => {
    socket.destroy();
  };

  async function replay(edit: Answer, call: Answer): Promise<Replay> {
    server = createServer((request, response) => {
      void (request.method === 'PATCH' ? edit : call)(request, response);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    return new Replay(`http://127.0.0.1:${port}`).run(TRAFFIC);
  }

  afterEach(() => {
    server.close();
  });

  it.each<[string, Answer, Answer, object]>([
    ['all is well', change, tellName, { requests: 3, unanswered: 0, stale: 0 }],
    ['the name from before an edit is told', change, tellOldName, { unanswered: 0, stale: 1 }],
    ['calls fail', change, fail, { requests: 3, unanswered: 2, stale: 0 }],
    ['the line breaks', change, hangUp, { requests: 3, unanswered: 2, stale: 0 }],
    ['an edit fails, and is not called about', fail, tellName, { requests: 2, unanswered: 1 }],
  ])('counts what it gets where %s', async (_what, edit, call, counts) => {
    const done = await replay(edit, call);
    expect(done).toMatchObject(counts);
    expect(done.latenciesMs).toHaveLength(1);
  });

  it('sends every edit with another name, so that an answer from before shows', async () => {
    const first = await replay(change, tellName);
    const before = lastName;
    expect(before).toMatch(/^Ito [0-9a-f]{8}$/);
    await new Replay(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).run(TRAFFIC);
    expect(lastName).not.toBe(before);
    expect(first.stale).toBe(0);
  });
});

describe('the report of the demo', () => {
  const pass = (title: string, replay: Partial<Replay> = {}): Pass => ({
    title,
    replay: {
      latenciesMs: [1, 2, 99.9],
      requests: 3,
      unanswered: 0,
      stale: 0,
      ...replay,
    } as Replay,
    before: { queries: 10 } as Pass['before'],
    after: { queries: 15 } as Pass['after'],
  });

  it('takes percentiles of what was measured', () => {
    const latencies = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0, 0.5, 0.99, 1].map((share) => percentile(latencies, share))).toEqual([
      1, 51, 100, 100,
    ]);
    expect(percentile([], 0.99)).toBe(0);
  });

  it('has a line for each pass', () => {
    expect(latencyTable([pass('off'), pass('outage', { unanswered: 2, stale: 1 })])).toBe(
      [
        '         median       p99   slowest   queries   unanswered   stale',
        'off      2.0 ms   99.9 ms   99.9 ms         5       0 of 3       0',
        'outage   2.0 ms   99.9 ms   99.9 ms         5       2 of 3       1',
      ].join('\n'),
    );
  });

  it('finds nothing broken where all were answered in time', () => {
    const warm = pass('warm');
    expect(brokenPromises([pass('off', { latenciesMs: [500] }), warm], warm)).toEqual([]);
  });

  it('names each promise that was broken', () => {
    const warm = pass('warm', { latenciesMs: [1, 100] });
    const outage = pass('outage', { unanswered: 2, stale: 1 });
    expect(brokenPromises([warm, outage], warm)).toEqual([
      '2 requests were not answered (outage)',
      '1 answers were out of date (outage)',
      'p99 of the warm cache is 100.0 ms, not below 100 ms',
    ]);
  });
});
