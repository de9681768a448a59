/** A {@link LeadNode} in a process of its own; `NodeProcess` is the other end. */

import { serveObject } from '../../support/serve-object.js';
import { LeadNode, type LeadNodeOptions } from './lead-node.js';

serveObject((options: LeadNodeOptions) => LeadNode.boot(options));
