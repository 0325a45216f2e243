import * as onecors from "onecors";
import * as aws from "onecors/aws";
import * as fastify from "onecors/fastify";
import * as fetch from "onecors/fetch";
import * as hono from "onecors/hono";
import * as http from "onecors/http";
import * as koa from "onecors/koa";
import consume from "./consume.cjs";

consume(onecors, { aws, fastify, fetch, hono, http, koa });
