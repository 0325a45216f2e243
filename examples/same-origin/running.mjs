// The two services and the proxies in front of them: how each is started on free ports, and stopped.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { listen } from "../../tests/browser/chromium.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const START_MS = 30_000;
const STOP_MS = 5_000;

const PROXIES = {
  nginx: {
    configuration: "lantern.conf",
    args: ["-p", ".", "-c", "nginx.conf", "-e", "stderr"],
  },
  Envoy: {
    configuration: "envoy.yaml",
    args: ["-c", "envoy.yaml", "--concurrency", "1", "--disable-hot-restart", "--log-level", "warn"],
  },
};

async function freePort() {
  const server = net.createServer();
  const port = (await listen(server)).split(":")[1];
  server.close();
  await once(server, "close");
  return port;
}

/** Starts a program, and waits until it listens on this port. `undo` gets what stops it. */
async function start(name, [program, ...args], { cwd, port, undo }) {
  const output = path.join(cwd, `${name}.log`);
  const file = openSync(output, "w");
  const running = spawn(program, args, { cwd, stdio: ["ignore", file, file] });
  const failed = once(running, "error").then(([error]) => error.message);
  const stop = () => end(running);
  undo.push(stop);
  process.on("exit", () => running.kill()); // where there is no time for more
  for (const deadline = Date.now() + START_MS; !(await listens(port)); ) {
    const error = await Promise.race([failed, sleep(50)]);
    if (error || running.exitCode !== null) {
      throw new Error(`${name} did not start: ${error ?? readFileSync(output, "utf8")}`);
    }
    if (Date.now() > deadline) throw new Error(`${name} does not listen after ${START_MS / 1000} s`);
  }
  return stop;
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

async function end(running) {
  if (running.pid === undefined || running.exitCode !== null || running.signalCode !== null) return;
  const ended = once(running, "exit");
  running.kill("SIGTERM");
  const late = sleep(STOP_MS, "late", { ref: false });
  if ((await Promise.race([ended, late])) === "late") running.kill("SIGKILL");
  await ended;
}

export class Running {
  #ports = {};

  /** `out` is a folder for all that is written; `programs` are `python`, which has what the services need, and the proxies. */
  constructor(out, programs, certificate, undo) {
    Object.assign(this, { out, programs, certificate, undo });
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
  }

  /** Starts the orders and the catalogue, which is the example in Python without its policy. */
  async startServices() {
    this.#ports = { 8001: await freePort(), 8002: await freePort() };
    const serve = (folder, app, port) => {
      const command = [this.programs.python, "-m", "uvicorn", "--app-dir", path.join(HERE, folder), "--port", port, app];
      return start(app.split(":")[0], command, { cwd: this.out, port, undo: this.undo });
    };
    await Promise.all([serve(".", "orders:app", this.#ports[8001]), serve("../python", "lantern:app", this.#ports[8002])]);
  }

  /** Starts a proxy with its configuration, but for the ports; answers where, and with what stops it. */
  async startProxy(name) {
    const { configuration, args } = PROXIES[name];
    const cwd = path.join(this.out, name);
    mkdirSync(cwd);
    cpSync(path.join(HERE, "page"), path.join(cwd, "page"), { recursive: true });
    writeFileSync(path.join(cwd, "cert.pem"), this.certificate.cert);
    writeFileSync(path.join(cwd, "key.pem"), this.certificate.key, { mode: 0o600 });
    cpSync(path.join(HERE, "../nginx/nginx.conf"), path.join(cwd, "nginx.conf"));
    const port = await freePort();
    const ports = { ...this.#ports, 8443: port };
    const text = readFileSync(path.join(HERE, configuration), "utf8");
    writeFileSync(path.join(cwd, configuration), text.replace(/\b(8001|8002|8443)\b/g, (found) => ports[found]));
    const stop = await start(name, [this.programs[name], ...args], { cwd, port, undo: this.undo });
    return { port, stop, log: path.join(cwd, "sent.log") };
  }
}
