// What the page of every origin can do. Each function answers with what the page's JavaScript was able
// to tell, and never throws.

"use strict";

/**
 * Calls fetch(), and reads the status, the body and every header that it may see. Without `cache` the
 * browser keeps nothing, answers to preflights included.
 */
async function ask(url, init) {
  try {
    const response = await fetch(url, { cache: "no-store", ...init });
    const { status, type, redirected, url: at } = response;
    const headers = Object.fromEntries(response.headers);
    const answer = { status, type, redirected, url: at, headers, chunks: [], body: "" };
    await read(response, answer);
    return answer;
  } catch (error) {
    return { error: String(error) };
  }
}

/** Reads a body chunk by chunk; what arrived before it broke off counts. */
async function read(response, answer) {
  if (response.body === null) return;
  const decoder = new TextDecoder();
  try {
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      answer.chunks.push(decoder.decode(value, { stream: true }));
    }
  } catch (error) {
    answer.brokeOff = String(error);
  }
  answer.body = answer.chunks.join("");
}

/** The same by XMLHttpRequest, with cookies. A listener for the upload makes it preflight. */
function askByXhr(url, method, listen) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.withCredentials = true;
    if (listen) request.upload.onprogress = () => {};
    request.onload = () =>
      resolve({ status: request.status, body: request.responseText, headers: request.getAllResponseHeaders() });
    request.onerror = () => resolve({ error: "error" });
    request.send("item=1");
  });
}

/** Calls one of the functions here in a sandboxed frame, whose origin is null. */
function inSandbox(name, ...args) {
  return new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    frame.srcdoc = `<script src="${location.origin}/page.js"></script>
      <script>${name}(...${JSON.stringify(args)}).then((answer) => parent.postMessage(answer, "*"));</script>`;
    addEventListener("message", (event) => resolve(event.data), { once: true });
    document.body.append(frame);
  });
}

/** Opens a WebSocket and says hello. */
function askBySocket(url) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onopen = () => socket.send("hello");
    socket.onmessage = (event) => {
      resolve({ echo: event.data });
      socket.close();
    };
    socket.onclose = (event) => resolve({ closed: event.code });
  });
}
