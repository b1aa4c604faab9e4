// Builds the pages' style sheets, script, fonts and icons into static/build/.
// Fails when a font or path slips in that may not be used, or when the fonts outgrow their budget.

import { copyFileSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as sass from "sass";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, "static", "build");
const fresh = `${out}.new`;
const modules = join(root, "node_modules");
const FONT_BUDGET = 110 * 1024;
const FORBIDDEN = /GDS Transport|sourceMappingURL|\/assets\//;

rmSync(fresh, { recursive: true, force: true });
mkdirSync(join(fresh, "fonts"), { recursive: true });
mkdirSync(join(fresh, "images"));

/** Writes one text file, after a last look at it. */
function write(name, text) {
  const found = text.match(FORBIDDEN);
  if (found) throw new Error(`${name}: contains "${found[0]}"`);
  writeFileSync(join(fresh, name), text);
}

/** Copies what a style sheet refers to; returns the bytes of the fonts copied. */
function copyReferred(css) {
  let fontBytes = 0;
  for (const [, path] of css.matchAll(/url\("?((?:fonts|images)\/[^")]+)"?\)/g)) {
    const source = path.startsWith("fonts/")
      ? join(modules, "@fontsource/noto-sans/files", basename(path))
      : join(modules, "@ministryofjustice/frontend/moj/assets/images", basename(path));
    copyFileSync(source, join(fresh, path));
    if (path.startsWith("fonts/")) fontBytes += statSync(source).size;
  }
  return fontBytes;
}

for (const sheet of ["citizen", "staff"]) {
  const { css } = sass.compile(join(root, "frontend", `${sheet}.scss`), {
    loadPaths: [root, modules],
    quietDeps: true,
    style: "compressed",
  });
  write(`${sheet}.css`, css);
  const fontBytes = copyReferred(css);
  if (fontBytes > FONT_BUDGET) throw new Error(`fonts: ${fontBytes} bytes, the budget is ${FONT_BUDGET}`);
}

// pages.js is on every page; viewer.js with its style sheet only where somebody asks for the BPMN viewer.
const { outputFiles } = await esbuild.build({
  bundle: true,
  entryPoints: ["pages.js", "viewer.js"].map((name) => join(root, "frontend", name)),
  format: "esm",
  legalComments: "none",
  loader: { ".woff2": "empty", ".woff": "empty", ".ttf": "empty", ".eot": "empty", ".svg": "empty" },
  minify: true,
  outdir: fresh,
  target: "es2020",
  treeShaking: true,
  write: false,
});
for (const file of outputFiles) write(basename(file.path), file.text);

copyFileSync(join(modules, "@fontsource/noto-sans/LICENSE"), join(fresh, "fonts", "LICENSE"));

rmSync(out, { recursive: true, force: true });
renameSync(fresh, out);
