// `node build.mjs TARGET`: the library as one file for browsers, its WebAssembly beside it, and their licences.

import { copyFileSync, mkdirSync } from "node:fs";
import { build } from "esbuild";

const target = process.argv[2];
const here = new URL("./", import.meta.url);
const modules = new URL("node_modules/", here);
const crypto = "@matrix-org/matrix-sdk-crypto-wasm";

// Events, rooms and the client are two thirds of the whole, and nobody here calls them.
const withoutClient = {
  name: "without the client",
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/models\/event\.js$/ }, ({ importer }) =>
      /matrix-js-sdk[\\/]lib[\\/]/.test(importer) ? { path: new URL("event.mjs", here).pathname } : undefined,
    ),
};

mkdirSync(`${target}/licences`, { recursive: true });
await build({
  absWorkingDir: here.pathname,
  entryPoints: ["entry.mjs"],
  outfile: `${target}/seal.js`,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  define: { global: "globalThis" },
  plugins: [withoutClient],
  logLevel: "error",
});
copyFileSync(new URL(`${crypto}/pkg/matrix_sdk_crypto_wasm_bg.wasm`, modules), `${target}/seal.wasm`);
copyFileSync(new URL("matrix-js-sdk/LICENSE", modules), `${target}/licences/matrix-js-sdk.txt`);
copyFileSync(new URL(`${crypto}/LICENSE`, modules), `${target}/licences/matrix-sdk-crypto-wasm.txt`);
