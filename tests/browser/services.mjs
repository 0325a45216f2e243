// The services of ../services that the browser meets: how each is started, and how all are stopped.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const SERVICES = fileURLToPath(new URL("../services", import.meta.url));
/** The policy that they load. */
export const POLICY = fileURLToPath(new URL("policy.json", import.meta.url));
const START_MS = 60_000;
const STOP_MS = 5_000;
const OUTPUT_KEPT = 4_000; // characters of what a service wrote, shown when it does not start

/** Every service of every language, as its services.json has it, with its folder. */
function listed() {
  return readdirSync(SERVICES)
    .map((language) => path.join(SERVICES, language))
    .filter((folder) => existsSync(path.join(folder, "services.json")))
    .flatMap((folder) =>
      JSON.parse(readFileSync(path.join(folder, "services.json"), "utf8")).map((service) => ({ ...service, folder })),
    );
}

/** Starts the service whose name begins so, on a free port; `listening` is the promise of that port. */
function start(id, beginning, out) {
  const all = listed();
  // A whole name first: `nginx-export` begins with `nginx`.
  const found = all.find(({ name }) => name === beginning) ?? all.find(({ name }) => name.startsWith(beginning));
  if (!found) throw new Error(`no services.json under ${SERVICES} names a service ${beginning}`);
  const { name, folder, websocket = false, cannot = {} } = found;
  const [program, ...args] = found.command.map((word) => word.replaceAll("{out}", out));
  const running = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, POLICY, PORT: "0", OUT: out },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // a group of its own, to stop what it starts in turn
  });
  const service = { id, name, websocket, cannot, running, output: "" };
  const keep = (text) => (service.output = (service.output + text).slice(-OUTPUT_KEPT));
  running.stderr.setEncoding("utf8").on("data", keep);
  service.listening = new Promise((resolve, reject) => {
    const late = () => reject(new Error(`${name} does not listen after ${START_MS / 1000} s:\n${service.output}`));
    setTimeout(late, START_MS).unref();
    running.on("error", reject);
    running.on("exit", () => reject(new Error(`${name} ended before it listened:\n${service.output}`)));
    createInterface({ input: running.stdout }).on("line", (line) => {
      keep(`${line}\n`);
      const ready = /^listening on 127\.0\.0\.1:(\d+)$/.exec(line);
      if (ready) resolve(Number(ready[1]));
    });
  });
  return service;
}

/** Starts these services, all at once, and waits until they listen. `undo` gets what stops each. */
export async function startServices(names, out, undo) {
  const started = Object.entries(names).map(([id, beginning]) => {
    const service = start(id, beginning, out);
    undo.push(() => stop(service.running));
    return service;
  });
  const ports = await Promise.all(started.map(({ listening }) => listening));
  return started.map((service, i) => ({ ...service, port: ports[i] }));
}

/** Ends a service; kills it when it does not end in time. */
async function stop(running) {
  if (running.pid === undefined || running.exitCode !== null || running.signalCode !== null) return;
  const ended = once(running, "exit");
  process.kill(-running.pid, "SIGTERM");
  const inTime = await Promise.race([ended.then(() => true), sleep(STOP_MS, false, { ref: false })]);
  if (inTime) return;
  process.kill(-running.pid, "SIGKILL");
  await ended;
}
