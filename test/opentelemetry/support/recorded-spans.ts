import { AsyncLocalStorage } from 'node:async_hooks';
import {
  context,
  ROOT_CONTEXT,
  SpanStatusCode,
  type Attributes,
  type Context,
  type ContextManager,
} from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

/** What a test looks at of a span. */
export interface RecordedSpan {
  readonly name: string;
  /** Name of the span that it is part of, if that has ended. */
  readonly parent: string | undefined;
  readonly attributes: Attributes;
  readonly failed: boolean;
}

/** Keeps the context as the SDK for Node does. */
class AsyncContextManager implements ContextManager {
  private readonly storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.storage.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    active: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.storage.run(active, () => fn.call(thisArg, ...args));
  }

  bind<T>(_context: Context, target: T): T {
    return target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.storage.disable();
    return this;
  }
}

/** The SDK of OpenTelemetry, with spans that stay in memory. */
export class RecordedSpans {
  private readonly exporter = new InMemorySpanExporter();
  readonly provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(this.exporter)],
  });

  constructor() {
    beforeAll(() => {
      context.setGlobalContextManager(new AsyncContextManager());
    });
    beforeEach(() => {
      this.exporter.reset();
    });
    afterAll(async () => {
      context.disable();
      await this.provider.shutdown();
    });
  }

  /** All that have ended, in that order. */
  ended(): RecordedSpan[] {
    const spans = this.exporter.getFinishedSpans();
    return spans.map(({ name, parentSpanContext, attributes, status, events }) => {
      // An event would hold the error with all that it says.
      if (events.length > 0) throw new Error(`${name} has events`);
      const parent = spans.find((span) => span.spanContext().spanId === parentSpanContext?.spanId);
      return {
        name,
        parent: parent?.name,
        attributes,
        failed: status.code === SpanStatusCode.ERROR,
      };
    });
  }
}
