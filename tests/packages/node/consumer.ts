// Compiled as ESM and as CommonJS: the types that a service sees, and where they refuse.

import { LivePolicy, Policy, PolicyError } from "onecors";
import { cors as middyCors, withCors } from "onecors/aws";
import { cors as fetchCors } from "onecors/fetch";
import { cors as honoCors } from "onecors/hono";
import { cors, wrap } from "onecors/http";
import { cors as koaCors } from "onecors/koa";
import type { CorsRequest, Outcome, Plan, Problem, Reason, Verdict } from "onecors";

const policy: Policy = new Policy({ allowOrigins: ["https://app.lantern.example"], maxAge: 600 });
const request: CorsRequest = { method: "GET", path: "/", origin: "https://app.lantern.example" };
const verdict: Verdict = policy.decide(request);
const outcome: Outcome = verdict.outcome;
const reason: Reason | null = verdict.reason;
const plan: Plan = verdict.plan;
const status: number | null = plan.status;
const lines: [name: string, value: string][] = plan.lines(request);
const problems = (error: PolicyError): readonly Problem[] => error.problems;

const live: LivePolicy = LivePolicy.watch("policy.json");
const middleware = [cors(live), koaCors(policy), honoCors(live), middyCors(policy)];
const onLambda = withCors(policy, async (event: { rawPath: string }) => ({ statusCode: 200, body: event.rawPath }));
const handler = fetchCors(policy)((incoming: Request) => new Response(incoming.url));

// @ts-expect-error a misspelt option
new Policy({ allowOrigin: ["https://app.lantern.example"] });
// @ts-expect-error an outcome that there is none of
const none: Outcome = "allowed";

export { handler, lines, middleware, none, onLambda, outcome, problems, reason, status, wrap };
