// A service without any CORS, for a proxy to stand in front of. README.md says how it is started.

import { execFile } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { serve } from '../node/plain_http.mjs';

const { POLICY, REPLACED } = process.env;
const run = promisify(execFile);

/** Writes the policy's file, and has the proxy take it. What the proxy refuses is undone. */
async function replace(document) {
  const before = await readFile(POLICY);
  await write(document);
  try {
    await run(REPLACED);
    return [204, ''];
  } catch (error) {
    await write(before);
    return [422, error.stderr + error.stdout || error.message];
  }
}

// The proxy must never see half a file.
async function write(document) {
  await writeFile(`${POLICY}.replacing`, document);
  await rename(`${POLICY}.replacing`, POLICY);
}

let last = Promise.resolve();

// One after the other: each is to be in force, or undone, before the next is written.
function inTurn(document) {
  last = last.then(() => replace(document));
  return last;
}

// What node:http does not do, and the adapter does where there is one: a handler that throws is answered.
function answerFailures(server) {
  const [handle] = server.listeners('request');
  server.off('request', handle);
  return server.on('request', (request, response) => {
    try {
      handle(request, response);
    } catch (error) {
      console.error(String(error));
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      response.writeHead(500, { 'Content-Type': 'text/plain' }).end('failed');
    }
  });
}

serve(answerFailures, inTurn);
