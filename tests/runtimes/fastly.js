// Fastly Compute: its compiler makes WebAssembly of an application and a JavaScript engine that has none, and as much of the host as one request needs
// is here. The interface: https://www.fastly.com/documentation/developers/sdks ("Custom SDK"); WASI is Node's.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { WASI } from "node:wasi";
import { modules, project } from "./project.js";

const [OK, ERROR] = [0, 1];
const HTTP_1_1 = 2;

/** The suite's report: what the application answers to a request. */
export async function fastly() {
  const compiler = join(modules, "@fastly/js-compute/dist/cli/js-compute-runtime-cli.js");
  const file = join(project, "fastly.wasm");
  await promisify(execFile)(process.execPath, [compiler, "fastlyApp.js", file], { cwd: project });
  return JSON.parse(await request(readFileSync(file)));
}

async function request(bytes) {
  const wasi = new WASI({ version: "preview1", args: ["app"] });
  const bodies = [[]];
  let answer;
  let memory;
  const put = (address, value) => {
    new DataView(memory.buffer).setUint32(address, value, true);
    return OK;
  };
  const putText = (text, address, length) => {
    new Uint8Array(memory.buffer).set(new TextEncoder().encode(text), address);
    return put(length, text.length);
  };
  /** Requests, responses and bodies are numbers; there is one request, 1, one response, 1, and the request's body is 1, too. */
  const host = {
    fastly_http_req: {
      body_downstream_get: (request, body) => put(request, 1) || put(body, 1),
      method_get: (_, to, __, length) => putText("GET", to, length),
      uri_get: (_, to, __, length) => putText("http://localhost/", to, length),
    },
    fastly_http_resp: {
      new: to => put(to, 1),
      version_get: (_, to) => put(to, HTTP_1_1),
      status_get: (_, to) => put(to, 200),
      status_set: () => OK,
      header_insert: () => OK,
      send_downstream(_, body) {
        answer = Buffer.concat(bodies[body - 1]).toString();
        return OK;
      },
    },
    fastly_http_body: {
      new: to => put(to, bodies.push([])),
      write(body, from, length, _, written) {
        bodies[body - 1].push(new Uint8Array(memory.buffer).slice(from, from + length));
        return put(written, length);
      },
    },
  };
  const module = await WebAssembly.compile(bytes);
  const imports = { wasi_snapshot_preview1: wasi.wasiImport };
  for (const { module: name, name: field } of WebAssembly.Module.imports(module)) {
    imports[name] ??= {};
    imports[name][field] ??= host[name]?.[field] ?? (() => ERROR);
  }
  const instance = await WebAssembly.instantiate(module, imports);
  memory = instance.exports.memory;
  wasi.start(instance);
  if (answer === undefined) throw new Error("The application did not answer.");
  return answer;
}
