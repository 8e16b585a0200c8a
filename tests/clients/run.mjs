// Prints what docs/clients/follow.mjs hands on, a line for each message: `run.mjs STREAM [CURSOR]`.

import { follow } from "../../docs/clients/follow.mjs";

follow(process.argv[2], (message) => console.log(JSON.stringify(message)), process.argv[3]);
