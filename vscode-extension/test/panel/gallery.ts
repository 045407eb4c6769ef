/** All states, for a browser: `npm run gallery [port]`. */

import { serve } from "./gallery/server";

const { url } = await serve(Number(process.argv[2] ?? 8790));
console.log(url);
