// A service of Lantern Books in Express, with the policy in front of it.

import express from "express";
import { Policy } from "onecors";

/** Puts a policy in front of the routes that follow. */
function cors(policy) {
  return (request, response, next) => {
    const parts = {
      method: request.method,
      path: request.path,
      origin: request.headers["origin"],
      accessControlRequestMethod: request.headers["access-control-request-method"],
      accessControlRequestHeaders: request.headers["access-control-request-headers"],
    };
    const { plan } = policy.decide(parts);
    for (const [name, value] of plan.lines(parts)) response.setHeader(name, value);
    if (plan.status === null) next();
    else response.status(plan.status).end();
  };
}

const orders = express.Router();
orders
  .route("/orders")
  .get((request, response) => response.json([{ order: "7" }]))
  .post((request, response) => response.status(201).json({ order: "8" }));

const oneOrder = (request, response) => response.json({ order: request.params.order });
orders
  .route("/orders/:order")
  .get(oneOrder)
  .put(oneOrder)
  .patch(oneOrder)
  .delete((request, response) => response.status(204).end())
  .options((request, response) => response.status(204).set("Allow", "GET, PUT, PATCH, DELETE, OPTIONS").end());
orders.get("/orders/:order/invoice", (request, response) => {
  response.json({ order: request.params.order, total: "119.88" });
});

const app = express();
app.use(cors(Policy.fromFile(process.env.POLICY ?? "../policy.json")));
app.get("/catalogue/:isbn", (request, response) => {
  response.json({ isbn: request.params.isbn, title: "The Lantern Bearers" });
});
app.get("/healthz", (request, response) => response.json({ healthy: true }));
app.use(orders);
app.use("/staging", orders);

const server = app.listen(Number(process.env.PORT ?? 8000), "127.0.0.1", () => {
  console.log(`listening on 127.0.0.1:${server.address().port}`);
});
