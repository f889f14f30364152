// Bundles the page and writes it as a C++ source:
//   node build.mjs MODULES OUTPUT.cpp    MODULES is the node_modules folder that `npm ci` made
//   node build.mjs MODULES --to FOLDER   the files alone, to be looked at
import {mkdirSync, readFileSync, renameSync, writeFileSync} from "node:fs";
import {createRequire} from "node:module";
import {dirname, join, resolve} from "node:path";
import {fileURLToPath} from "node:url";
import {gzipSync} from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const [modules, output, folder] = process.argv.slice(2);
const {buildSync} = createRequire(resolve(modules, "any.js"))("esbuild");

/** What esbuild makes of an entry point, in one file. */
function bundled(entry, license) {
  const {outputFiles} = buildSync({
    entryPoints: [join(here, entry)],
    nodePaths: [resolve(modules)],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: ["es2022", "chrome109", "firefox115", "safari16"],
    banner: license ? {js: `/*!\n${license}*/`} : {},
    logLevel: "warning",
  });
  return Buffer.from(outputFiles[0].contents);
}

function assets() {
  const file = (name) => readFileSync(join(here, name));
  const license = `uPlot (https://github.com/leeoniya/uPlot)\n${readFileSync(join(modules, "uplot/LICENSE"), "utf8")}`;
  return [
    {path: "/", type: "text/html; charset=utf-8", bytes: file("index.html")},
    {path: "/app.js", type: "text/javascript; charset=utf-8", bytes: bundled("src/main.ts", license)},
    {path: "/app.css", type: "text/css; charset=utf-8", bytes: bundled("app.css")},
    {path: "/icon.svg", type: "image/svg+xml", bytes: file("icon.svg")},
  ];
}

/** Bytes as a string literal. Three octal digits cannot run into what follows. */
function literal(bytes) {
  const character = (byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    // A question mark could begin a trigraph.
    if (byte >= 0x20 && byte < 0x7f && byte !== 0x3f) return String.fromCharCode(byte);
    return `\\${byte.toString(8).padStart(3, "0")}`;
  };
  const lines = [];
  for (let at = 0; at < bytes.length; at += 512) {
    lines.push(`"${Array.from(bytes.subarray(at, at + 512), character).join("")}"`);
  }
  return lines.join("\n");
}

function source(files) {
  const entries = files.map(({path, type, bytes}) => {
    const gzip = gzipSync(bytes, {level: 9});
    return `{"${path}", "${type}",\n{${literal(bytes)}, ${bytes.length}},\n{${literal(gzip)}, ${gzip.length}}},\n`;
  });
  return `// Written by web/build.mjs.
#include "exporter/web_page.hpp"

// Compilers that we support take strings of any length.
#pragma GCC diagnostic ignored "-Woverlength-strings"

namespace mcq::exporter {
namespace {
constexpr Asset kAssets[] = {
${entries.join("")}};
}  // namespace

std::span<const Asset> page_assets() { return kAssets; }

}  // namespace mcq::exporter
`;
}

const files = assets();
if (output === "--to") {
  mkdirSync(folder, {recursive: true});
  for (const {path, bytes} of files) writeFileSync(join(folder, path === "/" ? "index.html" : path), bytes);
} else {
  writeFileSync(`${output}.new`, source(files));
  renameSync(`${output}.new`, output); // an interrupted build leaves no half of it
}
