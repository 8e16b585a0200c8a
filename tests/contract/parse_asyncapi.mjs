// Reads an AsyncAPI document from standard input with the official parser, and writes what it found as JSON.
// The one argument is the folder that the parser is installed in.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { Parser } = createRequire(join(process.argv[2], "package.json"))("@asyncapi/parser");
const { document, diagnostics } = await new Parser().parse(readFileSync(0, "utf8"));
const messages = document ? document.messages().all().map((each) => each.name()) : [];
process.stdout.write(JSON.stringify({ version: document?.version(), messages, diagnostics }));
