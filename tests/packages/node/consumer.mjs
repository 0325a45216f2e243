import * as onecors from "onecors";
import * as fastify from "onecors/fastify";
import * as fetch from "onecors/fetch";
import * as hono from "onecors/hono";
import * as http from "onecors/http";
import * as koa from "onecors/koa";
import consume from "./consume.cjs";

consume(onecors, { fastify, fetch, hono, http, koa });
