/** Builds the app into files that the desk serves at /field/, and lists them for the service worker. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import vue from "@vitejs/plugin-vue";
import { defineConfig, type Plugin } from "vite";

const OUT = join(import.meta.dirname, "../yihu/web/field_files");
const WORKER = join(import.meta.dirname, "worker.js");
const ADDRESS = "/field/";

export default defineConfig({
  root: import.meta.dirname,
  base: ADDRESS,
  plugins: [vue(), worker()],
  define: { __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false" },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2021",
    // A file of its own passes the policy of the page; a data: address would not.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
    // How long its plugins took is no news for who starts the desk.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});

/** Writes worker.js with the files of this build and their common hash, and packs what is text. */
function worker(): Plugin {
  return {
    name: "worker",
    closeBundle() {
      const files = below(OUT).filter((name) => name !== "worker.js" && !name.endsWith(".gz"));
      const hash = createHash("sha256");
      for (const name of files) hash.update(name).update(readFileSync(join(OUT, name)));
      const version = hash.digest("hex").slice(0, 12);
      // The folder, not index.html: a redirected answer in the cache breaks opening the page.
      const kept = files.map((name) => ADDRESS + (name === "index.html" ? "" : name));
      const written = readFileSync(WORKER, "utf8")
        .replace("__VERSION__", version)
        .replace("[/* files */]", JSON.stringify(kept));
      writeFileSync(join(OUT, "worker.js"), written);
      for (const name of [...files, "worker.js"]) pack(join(OUT, name));
    },
  };
}

function below(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => relative(folder, join(each.parentPath, each.name)))
    .sort();
}

function pack(path: string): void {
  if (/\.(js|css|html|svg|webmanifest)$/.test(path)) {
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
  }
}
