// The function that the corpus is played to: its event says what the handler, which knows nothing of CORS,
// is to do.

import { Policy } from "onecors";
import { withCors, withCorsAuthorizer, withCorsStream } from "onecors/aws";

const { POLICY, FUNCTION, ON_ERROR, BASE_PATH } = process.env;
const policy = Policy.fromFile(POLICY);
const options = { basePath: BASE_PATH };

/** What a handler is to do; an event that is no object cannot say it, and is what comes back. */
function instructions(event) {
  const { handler } = Object(event);
  if (handler?.throws !== undefined) throw new Error(handler.throws);
  return handler ?? { returns: event };
}

const handle = async (event) => instructions(event).returns;

async function stream(event, responseStream) {
  const { streams, writes, content_type } = instructions(event);
  if (writes !== undefined) {
    if (content_type !== undefined) responseStream.setContentType(content_type);
    for (const chunk of writes) responseStream.write(chunk);
    responseStream.end();
    return;
  }
  const { chunks, ...prelude } = streams;
  const body = awslambda.HttpResponseStream.from(responseStream, prelude);
  for (const chunk of chunks) body.write(chunk);
  body.end();
}

const functions = {
  handler: () => withCors(policy, handle, { ...options, onError: ON_ERROR }),
  stream: () => withCorsStream(policy, stream, { ...options, onError: ON_ERROR }),
  authorizer: () => withCorsAuthorizer(policy, handle, options),
};

export const handler = functions[FUNCTION]();
