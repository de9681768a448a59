import { ProblemError } from './api.js';
import { SseParser } from './sse-parser.js';
import { EventStream, type Link } from './stream.js';

describe('Server-Sent Events', () => {
  it('are read whole, wherever they are cut', () => {
    const text =
      'retry: 5\n\n: alive\n\nid: 7\r\nevent: figures\r\ndata: {"a":\r\ndata: 1}\r\n\r\ndata\n\n';
    const whole = new SseParser().push(text);
    expect(whole).toEqual([
      { type: 'figures', data: '{"a":\n1}', id: '7' },
      { type: 'message', data: '', id: '7' },
    ]);
    const parser = new SseParser();
    expect(Array.from(text).flatMap((character) => parser.push(character))).toEqual(whole);
  });
});

describe('the stream', () => {
  let links: Link[];
  let asked: (string | null)[];
  let stream: EventStream;
  let stopped: Promise<void>;

  /** @param answers what each attempt gets, in turn; after the last one the stream is stopped */
  function run(
    answers: readonly ((signal: AbortSignal) => Response | Error)[],
    silenceMs = 60_000,
  ) {
    const left = [...answers];
    [links, asked] = [[], []];
    const events: string[] = [];
    let refused: string | undefined;
    stream = new EventStream({
      silenceMs,
      open: async ({ headers, signal }) => {
        asked.push(new Headers(headers).get('last-event-id'));
        const answer = left.shift()?.(signal as AbortSignal);
        if (answer === undefined) stream.stop();
        if (answer instanceof Error) throw answer;
        return answer ?? body('');
      },
      onEvent: ({ data }) => events.push(data),
      onLink: (link) => links.push(link),
      onRefused: ({ message }) => (refused = message),
    });
    stopped = stream.run();
    return { events, refused: () => refused };
  }

  const body = (text: string): Response => new Response(text);

  it('is opened again from the last event on when the server ends it, and nobody is told', async () => {
    const { events } = run([() => body('id: 3\ndata: a\n\n'), () => body('data: b\n\n')]);
    await stopped;
    expect(events).toEqual(['a', 'b']);
    expect(asked).toEqual([null, '3', '3']);
    expect(links).toEqual([{ kind: 'live' }]);
  });

  it('is lost when it breaks, and live when it is back', async () => {
    run([() => body('data: a\n\n'), () => new TypeError('reset'), () => body('data: b\n\n')]);
    await stopped;
    expect(links).toEqual([
      { kind: 'live' },
      { kind: 'lost', reason: 'The server cannot be reached' },
      { kind: 'live' },
    ]);
  });

  it('is lost when nothing is heard, though the connection stands', async () => {
    const silent = (signal: AbortSignal): Response =>
      new Response(
        new ReadableStream({
          start(controller) {
            signal.addEventListener('abort', () => controller.error(signal.reason));
          },
        }),
      );
    run([silent, () => body('data: a\n\n')], 20);
    await stopped;
    expect(links[0]).toEqual({ kind: 'lost', reason: 'Nothing was heard for 0.0 s' });
    expect(links[1]).toEqual({ kind: 'live' });
  });

  it('ends where it is refused', async () => {
    const { refused } = run([() => new ProblemError(403, 'This is for operators alone')]);
    await stopped;
    expect(refused()).toBe('This is for operators alone');
    expect(asked).toHaveLength(1);
  });
});
