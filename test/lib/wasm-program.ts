/** Runs a program of the engine's build (emscripten, threads, JSPI) by itself in real Chromium: no extension around it. */
import { createReadStream, existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { chromium } from "@playwright/test";
import { chromiumPath } from "../../tools/lib/chromium.ts";

export interface ProgramResult {
  /** Exit status, or what the program died of. */
  ended: number | string;
  output: string[];
}

const types: Record<string, string> = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };

/** Serves `folder` on loopback, isolated so that pages get SharedArrayBuffer; `/` is an empty page. */
function serve(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = join(folder, new URL(request.url ?? "/", "http://localhost").pathname);
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    response.setHeader("Content-Type", types[extname(path)] ?? "text/html");
    if (extname(path) === "") response.end("<!doctype html>");
    else if (existsSync(path)) createReadStream(path).pipe(response);
    else response.writeHead(404).end();
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Runs `script` (its .wasm beside it in `folder`) with `args` until it ends. */
export async function runProgram(folder: string, script: string, args: string[]): Promise<ProgramResult> {
  const server = await serve(folder);
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return await page.evaluate(runInWorker, { script: `/${script}`, args, memoryPages: 16384 });
  } finally {
    await browser.close();
    server.close();
  }
}

/** In the page: starts the program in a module Worker, collects what it prints. */
function runInWorker(program: { script: string; args: string[]; memoryPages: number }): Promise<ProgramResult> {
  const source = `
    onmessage = async ({ data: { script, args, memoryPages } }) => {
      const wasmMemory = new WebAssembly.Memory({ initial: memoryPages, maximum: memoryPages, shared: true });
      const { default: create } = await import(script);
      const line = (text) => postMessage({ line: text });
      const ended = (how) => postMessage({ ended: how });
      create({
        arguments: args, wasmMemory, mainScriptUrlOrBlob: script, print: line, printErr: line, onAbort: (why) => ended(String(why)),
        onExit: ended,
      }).catch((error) => ended(String(error)));
    };`;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  const output: string[] = [];
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => {
      if ("line" in data) output.push(data.line);
      else resolve({ ended: data.ended, output });
    };
    worker.onerror = (event) => resolve({ ended: event.message, output });
    worker.postMessage({ ...program, script: new URL(program.script, location.href).href });
  });
}
