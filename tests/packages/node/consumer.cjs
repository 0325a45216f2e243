const adapters = {
  aws: require("onecors/aws"),
  fastify: require("onecors/fastify"),
  fetch: require("onecors/fetch"),
  hono: require("onecors/hono"),
  http: require("onecors/http"),
  koa: require("onecors/koa"),
};

require("./consume.cjs")(require("onecors"), adapters);
