// Makes what readers fetch from the sources beside it: each script with all that it imports at once, each sheet with its
// own imports, both as short as they get. Run by `make scripts`, and by the test that compares.
// Arguments: the folder that esbuild is installed in, the folder of the sources, the folder to write to.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";

const [node, sources, made] = process.argv.slice(2).map((path) => resolve(path));
const { build } = createRequire(join(node, "package.json"))("esbuild");

// Each stands alone: what two of them share is small, and a page that has one of yesterday's and one of today's works.
const COMPONENT = "live-blog.js";
/** What the component fetches when it is live. */
const LATER = ["machine/machine.js", "away.js", "redline.js"];
/** The console's, at the top, since words are looked for beside a script. */
const DESK = { desk: "console/desk.js", blogs: "console/blogs.js" };
const SHEETS = ["live-blog.css", "machine.css", "page.css", "tokens.css", "console.css", "console-parts.css"];

const options = {
  absWorkingDir: sources,
  outdir: made,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  write: false,
};
const found = await Promise.all([
  build({ ...options, entryPoints: [COMPONENT], external: LATER.map((name) => `./${name}`) }),
  build({ ...options, entryPoints: LATER }),
  build({ ...options, entryPoints: DESK }),
  build({ ...options, entryPoints: SHEETS }),
]);

const files = found.flatMap(({ outputFiles }) => outputFiles);
for (const { path, contents } of files) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}
const names = new Set(files.map(({ path }) => relative(made, path)));
for (const each of readdirSync(made, { recursive: true, withFileTypes: true })) {
  const path = join(each.parentPath, each.name);
  if (each.isFile() && !names.has(relative(made, path))) rmSync(path);
}
