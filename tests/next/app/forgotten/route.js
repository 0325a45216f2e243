// Without the export that the README asks for.

import { on } from '../../cors.js';

export const GET = on(() => Response.json(['item']));
export const PUT = on(() => Response.json({}));
