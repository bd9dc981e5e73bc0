// Trunk's post_build step: bundles the page's JavaScript and styles with what Trunk and wasm-bindgen left in the
// staging folder, names every file by its content, links it from index.html, and stores brotli beside each text.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { splitWorker } from "./split.mjs";

const www = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const stage = process.env.TRUNK_STAGING_DIR ?? resolve(www, "../dist");
const built = ["app.js", "app_bg.wasm", "worker.js", "worker_bg.wasm", "worker_rest.wasm"];

// The engine's build: a link replays exactly on an equal one.
const engineBuild = createHash("sha256").update(readFileSync(join(stage, "worker_bg.wasm"))).digest().readUInt32BE(0);
await splitWorker(stage);
writeFileSync(join(stage, "app_bg.wasm"), withoutNames(readFileSync(join(stage, "app_bg.wasm"))));

/** Lets the sources say `built:app.js` for what the build left in the staging folder. */
const fromStage = {
  name: "built",
  setup(build) {
    build.onResolve({ filter: /^built:/ }, (args) => ({ path: join(stage, args.path.slice("built:".length)) }));
  },
};

async function bundle(entryPoints, define = {}) {
  const result = await build({
    entryPoints,
    define,
    outdir: stage,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    metafile: true,
    legalComments: "none",
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    loader: { ".wasm": "file", ".woff2": "file" },
    plugins: [fromStage],
    logLevel: "warning",
  });
  const names = {};
  for (const [file, output] of Object.entries(result.metafile.outputs)) {
    const name = basename(file);
    if (output.entryPoint) names[basename(output.entryPoint)] = name;
    // A file-loader output has no entry point: its one input names it.
    else if (!name.endsWith(".js")) names[basename(Object.keys(output.inputs)[0] ?? "")] = name;
  }
  return names;
}

const worker = await bundle([join(www, "js/worker/worker.js")], { ENGINE_BUILD: String(engineBuild) });
const page = await bundle(
  [join(www, "js/boot.js"), join(www, "js/main.js"), join(www, "styles/main.css")],
  { WORKER_FILE: JSON.stringify(worker["worker.js"]) },
);
for (const name of built) rmSync(join(stage, name));

const links = [
  `<link rel="preload" as="fetch" type="application/wasm" crossorigin href="${page["app_bg.wasm"]}">`,
  `<link rel="preload" as="font" type="font/woff2" crossorigin href="${page["jetbrains-mono-latin-wght-normal.woff2"]}">`,
  `<script type="module" src="${page["boot.js"]}"></script>`,
  `<script type="module" src="${page["main.js"]}"></script>`,
  `<link rel="stylesheet" href="${page["main.css"]}">`,
].join("\n    ");
const index = join(stage, "index.html");
writeFileSync(index, readFileSync(index, "utf8").replace(/<!-- built:.*?-->/, links));

// What the service worker keeps: everything that the page may ask for. The same files have the same name.
const kept = walk(stage).map((file) => relative(stage, file).replaceAll("\\", "/")).filter((name) => !/\.(br|webp)$/.test(name) && name !== "index.html").sort();
const name = createHash("sha256").update(kept.join()).update(readFileSync(index)).digest("hex").slice(0, 16);
const offline = readFileSync(join(www, "js/offline.js"), "utf8");
writeFileSync(
  join(stage, "offline.js"),
  offline.replace('"built:name"', JSON.stringify(`drydock-${name}`)).replace('["built:files"]', JSON.stringify(["./", ...kept])),
);

for (const file of walk(stage)) {
  if (!/\.(html|js|css|wasm|svg|webmanifest|txt)$/.test(file)) continue;
  const bytes = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
}
for (const file of walk(stage)) {
  if (file.endsWith(".br")) console.log(`${relative(stage, file).padEnd(44)} ${(statSync(file).size / 1000).toFixed(1).padStart(8)} KB`);
}

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

/** A module without its custom sections: names and the tools' marks are of no use to the page. */
function withoutNames(module) {
  const parts = [module.subarray(0, 8)];
  for (let at = 8; at < module.length; ) {
    const start = at;
    let size = 0;
    let byte;
    at += 1;
    for (let shift = 0; ; shift += 7) {
      byte = module[at];
      at += 1;
      size += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    at += size;
    if (module[start] !== 0) parts.push(module.subarray(start, at));
  }
  return Buffer.concat(parts);
}
