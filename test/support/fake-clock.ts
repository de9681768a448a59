export { FakeClock } from '../../libs/redis-cache/src/testing/fake-clock.js';
