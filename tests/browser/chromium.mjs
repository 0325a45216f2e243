// Headless Chromium among made-up hosts: every name leads to loopback, by https with a certificate of
// the minute, so that the browser believes in the origins that it sends.

import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export { chromium } from "playwright-core";

/**
 * Options for playwright's launch(). `hosts` are rules such as `MAP *:443 127.0.0.1:4433`. The certificate
 * is trusted, not just its errors passed over: Chromium caches nothing that came with an error.
 */
export function launchOptions(hosts, certificate, more = []) {
  const key = new X509Certificate(certificate.cert).publicKey.export({ type: "spki", format: "der" });
  return {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      `--ignore-certificate-errors-spki-list=${createHash("sha256").update(key).digest("base64")}`,
      `--host-resolver-rules=${hosts.join(", ")}`,
      ...more,
    ],
  };
}

/** A key and certificate for these few minutes. */
export function makeCertificate() {
  const folder = mkdtempSync(path.join(tmpdir(), "onecors-certificate-"));
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => path.join(folder, name));
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-keyout", key, "-out", cert],
    { stdio: "ignore" },
  );
  const pair = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(folder, { recursive: true });
  return pair;
}

/** Lets a server listen on a free port of loopback, and answers where. */
export async function listen(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${server.address().port}`;
}
