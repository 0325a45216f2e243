// Plain node:http, and node:http2 in the clear on the same port. Everything is behind `wrap`.

import { wrap } from 'onecors/http';
import { serve } from './plain_http.mjs';
import * as service from './service.mjs';

serve(
  (server) => wrap(server, service.policy),
  (document) => service.replace(document.toString()),
);
