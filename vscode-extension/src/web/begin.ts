/** Before the panel's own script: what it finds in place of an editor. */

import { host } from "./host";

export const here = host();
globalThis.memlsTransport = here.transport;
