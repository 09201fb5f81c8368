// Browsers: the suite bundled into a page, with the headers that give threads (isolated) and without.
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { build } from "esbuild";
import puppeteer from "puppeteer-core";
import { project } from "./project.js";

const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
const strict = { "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'" };
const page = "<!doctype html><script type=module src=page.js></script>";

/** Serves files on loopback until `use` is done. */
async function serve(files, headers, use) {
  const server = createServer(({ url }, response) => {
    const body = files[url];
    const type = url.endsWith(".js") ? "text/javascript" : "text/html";
    response.writeHead(body === undefined ? 404 : 200, { "Content-Type": type, ...headers }).end(body);
  });
  await new Promise(listening => server.listen(0, "127.0.0.1", listening));
  try {
    return await use(`http://127.0.0.1:${server.address().port}/`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const launches = {
  Chromium: { browser: "chrome", executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] },
  Firefox: { browser: "firefox", executablePath: "/usr/bin/firefox-esr" },
};

async function runIn(name, headers, js, files = {}) {
  const browser = await puppeteer.launch({ ...launches[name], headless: true });
  try {
    return await serve({ ...files, "/": page, "/page.js": js }, headers, async url => {
      const tab = await browser.newPage();
      const errors = [];
      tab.on("pageerror", error => errors.push(String(error)));
      await tab.goto(url);
      await tab.waitForFunction("window.report", { timeout: 120_000 }).catch(error => {
        throw new Error([error, ...errors].join("\n"));
      });
      return tab.evaluate("window.report");
    });
  } finally {
    await browser.close();
  }
}

async function inPage(name, headers) {
  const { outputFiles } = await build({
    stdin: { contents: `import { suite } from "./suite.js"; window.report = await suite();`, resolveDir: project },
    bundle: true,
    write: false,
    format: "esm",
    external: ["node:*"],
  });
  return runIn(name, headers, outputFiles[0].text);
}

export const engines = {};
for (const name of Object.keys(launches)) {
  engines[name] = () => inPage(name, {});
  engines[`${name}, isolated`] = () => inPage(name, isolation);
  engines[`${name}, strict CSP`] = () => inPage(name, strict);
}

/** A page without a build step: it imports the files that the package has for this. */
async function plainPage(name, headers, js) {
  const read = folder =>
    Object.fromEntries(
      readdirSync(folder)
        .filter(isScript)
        .map(file => [`/${file}`, asInPage(join(folder, file))]),
    );
  return runIn(name, headers, js, { ...read(join(project, "node_modules/wasmind/dist/page")), ...read(project) });
}
const isScript = file => file.endsWith(".js");
const asInPage = file => readFileSync(file, "utf8").replace('"wasmind"', '"./wasmind.js"').replace('"wasmind/worker"', '"./worker.js"');

engines["plain page, strict CSP"] = () => plainPage("Chromium", strict, `import "./app.js"; window.report = await globalThis.report;`);
for (const name of Object.keys(launches)) {
  const js = `import { suite } from "./workerSuite.js"; window.report = await suite();`;
  engines[`${name}, in a worker`] = () => plainPage(name, strict, js);
  engines[`${name}, in a worker, isolated`] = () => plainPage(name, isolation, js);
}

/** What a bundled program leaves in window.report, in Chromium. */
export const runBundle = (js, files) => runIn("Chromium", strict, js, files);
