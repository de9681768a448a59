/** A {@link LoadedApp} in a process of its own, a new one for each scenario. */

import { serveObject } from '../support/serve-object.js';
import { LoadedApp, type LoadedAppOptions } from './loaded-app.js';

serveObject((options: LoadedAppOptions) => LoadedApp.boot(options));
