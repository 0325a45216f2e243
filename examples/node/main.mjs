// A service of Lantern Books in Express, with the policy in front of it.

import express from "express";
import { LivePolicy } from "onecors";
import { cors } from "onecors/http";

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
orders.get("/orders/:order/label", () => {
  throw new Error("the printer is out of labels");
});

const app = express();
app.use(cors(LivePolicy.watch(process.env.POLICY ?? "../policy.json")));
app.get("/catalogue/:isbn", (request, response) => {
  response.json({ isbn: request.params.isbn, title: "The Lantern Bearers" });
});
app.get("/healthz", (request, response) => response.json({ healthy: true }));
app.use(orders);
app.use("/staging", orders);

const server = app.listen(Number(process.env.PORT ?? 8000), "127.0.0.1", () => {
  console.log(`listening on 127.0.0.1:${server.address().port}`);
});
