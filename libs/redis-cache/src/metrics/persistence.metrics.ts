import type { PersistenceFigures } from '../cache/cache-statistics.js';
import type { StatisticsReporter } from '../cache/statistics-reporter.js';
import type { MetricSet } from './metric-set.js';

/** From 2⁻² to 2¹² milliseconds: bounds at which latencies are counted exactly. */
const BOUNDS_MS = Array.from({ length: 15 }, (_, index) => 2 ** (index - 2));

/** What is told of the persistent store: nothing where none is configured. */
export function addPersistence(
  metrics: MetricSet,
  figures: () => PersistenceFigures | undefined,
  latencies: StatisticsReporter['persistentLatencies'],
): void {
  const gauge = (name: string, help: string, valueOf: (all: PersistenceFigures) => number) => {
    metrics.gauge({
      name,
      help,
      labels: [],
      read: (tell) => {
        const all = figures();
        if (all) tell({}, valueOf(all));
      },
    });
  };
  gauge('persistence_available', '1 while the persistent store is asked.', ({ available }) =>
    Number(available),
  );
  gauge(
    'persistence_unacknowledged',
    'Evictions that the persistent store has not confirmed.',
    ({ unacknowledged }) => unacknowledged,
  );
  metrics.counter({
    name: 'persistence_operations_total',
    help: 'What the persistent store was asked for (operation), and how it ended (type).',
    labels: ['type', 'operation'],
    read: (tell) => {
      const all = figures();
      if (!all) return;
      const { failed } = all;
      const told = {
        look: { found: all.found, absent: all.absent, error: failed.look },
        put: {
          stored: all.stored,
          refused: all.refused,
          dropped: all.dropped,
          error: failed.put,
        },
        invalidate: { success: all.evicted, error: failed.invalidate },
      };
      for (const [operation, types] of Object.entries(told)) {
        for (const [type, count] of Object.entries(types)) tell({ type, operation }, count);
      }
    },
  });
  metrics.latency('persistence_duration_seconds', 'Work with the persistent store, failed too.', {
    boundsMs: BOUNDS_MS,
    label: 'operation',
    read: latencies,
  });
}
