/** A {@link LimitNode} in a process of its own; `ChildObject` is the other end. */

import { serveObject } from '../../support/serve-object.js';
import type { RedisCacheModuleOptions } from 'nestjs-redis-cache';
import { LimitNode } from './limit-node.js';

serveObject((options: RedisCacheModuleOptions) => LimitNode.boot(options));
