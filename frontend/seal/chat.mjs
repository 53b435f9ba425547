// `node chat.mjs SOURCE TARGET`: the messenger's modules in fewer files. What its list needs is in list-1.js, list-2.js ...,
// each about as large as what is under way on a slow line at one time: ten files at once drown one another there, and so does
// one that is large (chat/early.js asks for them one after the other). Whatever is loaded later stays apart, takes from these
// what it shares with the list, and is found by what the page says in #chat-parts: a file is named by its content, so two
// that name each other could not be. parts.json tells the page which files there are.

import path from "node:path";
import { mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { build } from "esbuild";

const [source, target] = process.argv.slice(2).map((one) => path.resolve(one));
const MOST = 8_000; // bytes of modules in one file, which is a third of that on the line; a larger module is one alone
const options = { bundle: true, minify: true, format: "esm", target: "es2022", charset: "utf8", legalComments: "none", logLevel: "error" };
const nameOf = (file) => path.relative(source, path.resolve(file)).split(path.sep).join("/");
const at = (name) => path.join(source, name);
const isOurs = (name) => !name.startsWith("../"); // others' modules stay where they are, and are as far from TARGET
const named = ({ path: to, importer }) => nameOf(path.resolve(path.dirname(importer), to));

// Who imports whom: {"main.js": {imports: [[name, kind]], exports: [..]}}.
const known = {};
async function look(name) {
  if (known[name]) return;
  const others = { name: "others", setup: ({ onResolve }) => onResolve({ filter: /^\./ }, (asked) => (asked.kind === "entry-point" ? undefined : { path: at(named(asked)), external: true })) };
  const { metafile } = await build({ ...options, entryPoints: [at(name)], outdir: target, write: false, metafile: true, plugins: [others] });
  const [output] = Object.values(metafile.outputs);
  const imports = output.imports.map((one) => [nameOf(one.path), one.kind]);
  known[name] = { imports: imports.filter(([next]) => isOurs(next)), exports: output.exports, size: output.bytes };
  for (const [next] of known[name].imports) await look(next);
}
await look("main.js");

const list = [];
function gather(name) {
  for (const [next, kind] of known[name].imports) if (kind !== "dynamic-import" && !list.includes(next)) gather(next);
  if (!list.includes(name)) list.push(name); // after what it needs
}
gather("main.js");
const fileOf = new Map();
let [number, room] = [0, 0];
for (const name of list) {
  if (!number || room < known[name].size) [number, room] = [number + 1, MOST];
  room -= known[name].size;
  fileOf.set(name, `list-${number}.js`);
}
const isLate = (name) => !list.includes(name) && Object.values(known).some(({ imports }) => imports.some(([next, kind]) => next === name && kind === "dynamic-import"));
const late = Object.keys(known).filter(isLate).sort();

// What list.js calls what it hands on: short, for it is on the way to everybody.
const short = new Map();
const alias = (name, one) => {
  const whole = `${name} ${one}`;
  if (!short.has(whole)) short.set(whole, `_${short.size.toString(36)}`);
  return short.get(whole);
};
const shared = (name, write) => `export { ${known[name].exports.map((one) => write(one, alias(name, one))).join(", ")} }`;
const PARTS = 'JSON.parse(document.getElementById("chat-parts").textContent)';
const byThePage = {
  name: "parts by the page",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.js$/ }, async ({ path: file }) => {
      const text = await readFile(file, "utf8");
      return { contents: text.replace(/\bimport\("(\.[^"]+)"\)/g, (_whole, to) => `import(${PARTS}["${named({ path: to, importer: file })}"])`) };
    }),
};
// What `file` takes from another file of the list. Each importer has its own copy of the line that leads there, or that line
// would be a file of its own.
const fromTheList = (file) => ({
  name: "from the list",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\./, namespace: "file" }, (asked) => {
      const name = named(asked);
      if (!isOurs(name)) return { path: asked.path, external: true };
      return asked.kind !== "entry-point" && fileOf.has(name) && fileOf.get(name) !== file ? { path: `${name}?${nameOf(asked.importer)}`, namespace: "list" } : undefined;
    });
    onResolve({ filter: /^@list/, namespace: "list" }, ({ path: to }) => ({ path: to, external: true }));
    onLoad({ filter: /.*/, namespace: "list" }, ({ path: asked }) => {
      const [name] = asked.split("?");
      return { contents: `${shared(name, (one, other) => `${other} as ${one}`)} from "@${fileOf.get(name)}";` };
    });
  },
});
const outputs = [];
for (const file of new Set(fileOf.values())) {
  const contents = list.filter((name) => fileOf.get(name) === file).map((name) => (known[name].exports.length ? `${shared(name, (one, other) => `${one} as ${other}`)} from "./${name}";` : `import "./${name}";`));
  const plugins = [fromTheList(file), byThePage];
  outputs.push(await build({ ...options, stdin: { contents: contents.join("\n"), resolveDir: source }, outfile: path.join(target, file), plugins, write: false }));
}
outputs.push(await build({ ...options, entryPoints: late.map(at), outbase: source, outdir: target, splitting: true, chunkNames: "part-[hash]", plugins: [fromTheList("")], write: false }));
for (const { path: file, text } of outputs.flatMap(({ outputFiles }) => outputFiles)) {
  mkdirSync(path.dirname(file), { recursive: true });
  const up = path.relative(path.dirname(file), target) || ".";
  writeFileSync(file, text.replaceAll('"@list-', `"${up}/list-`));
}
writeFileSync(path.join(target, "parts.json"), JSON.stringify({ list: [...new Set(fileOf.values())], late }));
