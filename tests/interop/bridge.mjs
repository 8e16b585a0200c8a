// Works a WebSocket of Node's by lines of JSON: `bridge.mjs ws FOLDER` (FOLDER: where the package is) or `bridge.mjs builtin`.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { runInThisContext } from "node:vm";

runInThisContext(readFileSync(new URL("bridge.js", import.meta.url), "utf8"));

const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const [, , name, folder] = process.argv;
let last;
let Kind = WebSocket;
if (name === "ws") {
    const { WebSocket: Package } = createRequire(`${folder}/`)("ws");
    Kind = class extends Package {
        constructor(url) {
            super(url);
            last = this;
            this.on("pong", (data) => tell({ kind: "pong", text: data.toString() }));
        }
    };
}

const socket = bridge(Kind, tell);
for await (const line of createInterface({ input: process.stdin })) {
    const { act, given } = JSON.parse(line);
    if (act === "ping") {
        last.ping(given);
    } else {
        socket[act](given);
    }
}
