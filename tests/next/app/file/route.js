// A policy from a file, which Next.js does not see.

import { Policy } from 'onecors';
import { cors } from 'onecors/fetch';

export const GET = cors(Policy.fromFile('policy.json'))(() => Response.json({}));
