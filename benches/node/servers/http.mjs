// A server of node:http: `http.mjs SUBJECT PORT DOCUMENT`.

import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import peer from 'cors';
import { Policy } from 'onecors';
import { wrap } from 'onecors/http';
import { peerOptions } from '../policy.mjs';

const [subject, port, document] = process.argv.slice(2);

function handle(request, response) {
  if (request.method === 'OPTIONS') {
    response.writeHead(204, { Allow: 'GET, HEAD, OPTIONS' }).end();
  } else if (request.url === '/items') {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"items":[]}');
  } else {
    response.writeHead(404).end();
  }
}

function behindPeer() {
  const middleware = peer(peerOptions(readFileSync(document)));
  return (request, response) => {
    middleware(request, response, () => handle(request, response));
  };
}

const server = createServer(subject === 'cors' ? behindPeer() : handle);
if (subject === 'onecors') wrap(server, Policy.fromFile(document));
server.listen(Number(port), '127.0.0.1');
