// Real requests and responses of node:http, on a socket that swallows what is written to it.

import { EventEmitter } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { scenarios } from './policy.mjs';

const ORDINARY = Object.entries(scenarios.request_headers).flat();

class SwallowingSocket extends EventEmitter {
  _httpMessage = null;
  _writableState = { corked: 0 };
  writable = true;
  destroyed = false;
  recorded = null;

  cork() {}

  uncork() {}

  write(chunk, encoding) {
    this.recorded?.push(Buffer.from(chunk, encoding).toString('latin1'));
    return true;
  }
}

/** The texts of a scenario: method, origin (the one to take in turn), and what a preflight asks. */
export function textsOf(scenario, origins) {
  const texts = { hit: origins.hits, miss: origins.misses }[scenario.origin] ?? [null];
  return {
    method: scenario.method,
    origins: texts.map((text) => text && Buffer.from(text)),
    requestMethod: copyOf(scenario.access_control_request_method),
    requestHeaders: copyOf(scenario.access_control_request_headers),
  };
}

function copyOf(text) {
  return text === undefined ? null : Buffer.from(text);
}

/** A request as the parser of node:http leaves it: every text is a new string. */
export function exchange(texts, turn) {
  const socket = new SwallowingSocket();
  const request = new IncomingMessage(socket);
  request.method = texts.method;
  request.url = '/items';
  request.httpVersion = '1.1';
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  const lines = ORDINARY.slice();
  const origin = texts.origins[turn % texts.origins.length];
  if (origin !== null) lines.push('Origin', origin.latin1Slice());
  if (texts.requestMethod !== null) {
    lines.push('Access-Control-Request-Method', texts.requestMethod.latin1Slice());
    lines.push('Access-Control-Request-Headers', texts.requestHeaders.latin1Slice());
  }
  // What the parser calls; there is no other way to make a request with fields.
  request._addHeaderLines(lines, lines.length);
  // They are made when they are first asked for, and the server of node:http does ask.
  void request.headers;
  const response = new ServerResponse(request);
  response.assignSocket(socket);
  return { request, response };
}

/** What went out: the status, and the lines of the header in lower case. */
export function answerOf({ response }) {
  const [head] = response.socket.recorded.join('').split('\r\n\r\n');
  const [start, ...lines] = head.split('\r\n');
  const headers = {};
  for (const line of lines) {
    const [name, value] = line.split(/: (.*)/s);
    const key = name.toLowerCase();
    headers[key] = key in headers ? `${headers[key]} AND ${value}` : value;
  }
  return { status: Number(start.split(' ')[1]), headers };
}
