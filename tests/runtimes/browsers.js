// Browsers: the suite bundled into a page, with the headers that give threads (isolated) and without.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import puppeteer from "puppeteer-core";
import { project } from "./project.js";

export const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
export const strict = { "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'" };
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

/** @param use what is done with the page once it has a report; by default that is the result */
const runIn = (name, headers, js, files = {}, use = result) =>
  serve({ ...files, "/": page, "/page.js": js }, headers, url => visit(name, url, use));

const result = tab => tab.evaluate("window.report");

async function visit(name, url, use) {
  const browser = await puppeteer.launch({ ...launches[name], headless: true });
  try {
    const tab = await browser.newPage();
    const errors = [];
    tab.on("pageerror", error => errors.push(String(error)));
    await tab.goto(url);
    await reported(tab).catch(error => {
      throw new Error([error, ...errors].join("\n"));
    });
    return await use(tab);
  } finally {
    await browser.close();
  }
}

const reported = tab => tab.waitForFunction("window.report", { timeout: 120_000 });

async function bundle(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: project },
    bundle: true,
    write: false,
    format: "esm",
    external: ["node:*"],
  });
  return outputFiles[0].text;
}

async function inPage(name, headers, suite = "./suite.js") {
  return runIn(name, headers, await bundle(`import { suite } from "${suite}"; window.report = await suite();`));
}

/** The suite begins when the page is there and the network is gone: nothing is fetched by need, and threads start all the same. */
async function offline(name, headers) {
  const js = await bundle(`import { suite } from "./suite.js"; Object.assign(window, { suite, report: true });`);
  return runIn(name, headers, js, {}, async tab => {
    await tab.setOfflineMode(true);
    const isReached = await tab.evaluate(`fetch(location).then(() => true, () => false)`);
    if (isReached) throw new Error("the network is still there");
    return tab.evaluate("suite()");
  });
}

const storage = `import * as steps from "./storage.js"; Object.assign(window, steps); window.report = true;`;

/** A model is kept by one page and found by the next; in Chromium it also goes out by a download and back in by the user's choice of a file. */
async function filesInPage(name, headers, js, files) {
  return runIn(name, headers, js ?? (await bundle(storage)), files, async tab => {
    const failed = [];
    let count = 0;
    const same = (what, got, expected) => {
      count++;
      if (got !== expected) failed.push(`${what}: got ${got}, not ${expected}`);
    };
    const { predictions, next } = await tab.evaluate("keep()");
    await tab.reload();
    await reported(tab);
    const found = await tab.evaluate("find()");
    same("the names", found.names, "again,xor");
    same("predictions behind a reload", found.predictions, predictions);
    same("the next steps behind a reload", found.next, next);
    same("the names at the end", found.left, "xor");
    same("an unknown name", found.error, 'loadFromIndexedDb: there is no model "again", only "xor".');
    if (name !== "Chromium") return { passed: count - failed.length, failed };

    const downloadPath = mkdtempSync(join(tmpdir(), "wasmind-download-"));
    try {
      const session = await tab.createCDPSession();
      await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath, eventsEnabled: true });
      const downloaded = new Promise(resolve =>
        session.on("Browser.downloadProgress", ({ state }) => state === "inProgress" || resolve(state)),
      );
      await tab.evaluate("save()");
      same("the download", await downloaded, "completed");
      const input = await tab.$("input[type=file]");
      await input.uploadFile(join(downloadPath, "xor.safetensors"));
      const opened = await tab.evaluate("choose()");
      same("predictions of a chosen file", opened.predictions, predictions);
      same("the next steps of a chosen file", opened.next, next);
    } finally {
      rmSync(downloadPath, { recursive: true });
    }
    return { passed: count - failed.length, failed };
  });
}

export const engines = {};
for (const name of Object.keys(launches)) {
  engines[name] = () => inPage(name, {});
  engines[`${name}, isolated`] = () => inPage(name, isolation);
  engines[`${name}, strict CSP`] = () => inPage(name, strict);
}
engines["Chromium, offline"] = () => offline("Chromium", isolation);
// Fastly's engine is Firefox's.
engines["Firefox, kernels in JavaScript"] = () => inPage("Firefox", {}, "./givenSuite.js");

engines["Chromium, storage"] = () => filesInPage("Chromium", {});
engines["Chromium, storage, strict CSP"] = () => filesInPage("Chromium", strict);
engines["Firefox, storage"] = () => filesInPage("Firefox", strict);
engines["plain page, storage"] = () => filesInPage("Chromium", strict, storage, plainFiles());

/** For a page without a build step, which imports the files that the package has for this. */
function plainFiles() {
  const read = (folder, edit) =>
    Object.fromEntries(
      readdirSync(folder)
        .filter(file => file.endsWith(".js"))
        .map(file => [`/${file}`, edit(readFileSync(join(folder, file), "utf8"))]),
    );
  const asInPage = js => js.replaceAll(/from "wasmind(?:\/(\w+))?"/g, (_, entry = "wasmind") => `from "./${entry}.js"`);
  return { ...read(join(project, "node_modules/wasmind/dist/bundled"), js => js), ...read(project, asInPage) };
}

const plainPage = (name, headers, js) => runIn(name, headers, js, plainFiles());

engines["plain page, strict CSP"] = () => plainPage("Chromium", strict, `import "./app.js"; window.report = await globalThis.report;`);
for (const name of Object.keys(launches)) {
  const js = `import { suite } from "./workerSuite.js"; window.report = await suite();`;
  engines[`${name}, in a worker`] = () => plainPage(name, strict, js);
  engines[`${name}, in a worker, isolated`] = () => plainPage(name, isolation, js);
}

/** What a page leaves in window.report, in Chromium. */
export const visitPage = url => visit("Chromium", url, result);

/** The same of a bundled program. */
export const runBundle = (js, files, headers) => runIn("Chromium", headers, js, files);
