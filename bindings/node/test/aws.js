'use strict';
// What stands in for Lambda: the global of its runtime, and a stream of a response.

const { Writable } = require('node:stream');

/** The content type of a stream that begins with a prelude. */
const WITH_PRELUDE = 'application/vnd.awslambda.http-integration-response';

/**
 * A stream as the runtime gives it to a handler: what is written before anything else is up to
 * `_onBeforeFirstWrite`, which `HttpResponseStream.from` sets, and which `end` does not look at.
 */
class ResponseStream extends Writable {
  contentType = 'application/octet-stream';
  chunks = [];
  begun = false;
  _onBeforeFirstWrite = undefined;

  constructor() {
    super({
      write: (chunk, encoding, done) => {
        this.chunks.push(chunk);
        done();
      },
    });
  }

  setContentType(type) {
    if (this.begun) throw new Error('Cannot set content-type, too late.');
    this.contentType = type;
  }

  write(chunk, encoding, callback) {
    if (!this.begun) this._onBeforeFirstWrite?.((first) => super.write(first));
    this.begun = true;
    return super.write(chunk, encoding, callback);
  }

  /** What a client gets: the prelude, and the body as text. */
  get response() {
    const bytes = Buffer.concat(this.chunks);
    if (this.contentType !== WITH_PRELUDE) return { type: this.contentType, body: String(bytes) };
    const end = bytes.indexOf(Buffer.alloc(8));
    return { ...JSON.parse(bytes.subarray(0, end)), body: String(bytes.subarray(end + 8)) };
  }
}

/** The global, as the runtime sets it before it loads a handler. */
const awslambda = {
  streamifyResponse: (handler, options) => Object.assign(handler, { streams: true, options }),
  HttpResponseStream: {
    from(stream, prelude) {
      stream.setContentType(WITH_PRELUDE);
      stream._onBeforeFirstWrite = (write) => {
        write(JSON.stringify(prelude));
        write(new Uint8Array(8));
      };
      return stream;
    },
  },
};

module.exports = { awslambda, ResponseStream, WITH_PRELUDE };
