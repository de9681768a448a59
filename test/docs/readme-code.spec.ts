import { hasRedisBinary, RedisServerProcess } from '../support/redis/redis-server.js';
import { describeGuide } from './guide.js';
import { waitLongerByDefault } from './patient-defaults.js';
import { decoratorExamples } from './readme/decorators.examples.js';
import { firstExample } from './readme/first.example.js';
import { httpExamples } from './readme/http.examples.js';
import { movingInExamples } from './readme/moving-in.examples.js';
import { runningExamples } from './readme/running.examples.js';
import { serviceExamples } from './readme/service.examples.js';
import { setUpExamples } from './readme/set-up.examples.js';
import { tenantExamples } from './readme/tenants.examples.js';

// The prefix that the README names is `crm`: on a server of its own it is in nobody's way.
const describeWithServer = hasRedisBinary() ? describe : describe.skip;

describeGuide('README.md', (guide) => {
  // It is a test itself.
  guide.program('Testing your services').run();

  describeWithServer('with Redis', () => {
    let server: RedisServerProcess;

    beforeAll(async () => {
      waitLongerByDefault();
      server = await RedisServerProcess.start();
      process.env.REDIS_URL = server.url;
    });

    afterAll(() => server.stop());

    firstExample(guide);
    setUpExamples(guide);
    tenantExamples(guide);
    decoratorExamples(guide);
    serviceExamples(guide);
    runningExamples(guide);
    httpExamples(guide);
    movingInExamples(guide);
  });
});
