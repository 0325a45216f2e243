// NestJS on Express 5.

import 'reflect-metadata';
import { pipeline, Readable } from 'node:stream';
import {
  All,
  type CanActivate,
  Controller,
  Delete,
  type ExecutionContext,
  Get,
  HttpCode,
  HttpException,
  Module,
  Options,
  Patch,
  Post,
  Put,
  Req,
  Res,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { cors } from 'onecors/http';
import * as service from './service.mjs';

class Authentication implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    if (service.isRefused(http.getRequest())) {
      http.getResponse().set('WWW-Authenticate', 'Bearer');
      throw new UnauthorizedException();
    }
    return true;
  }
}

@Controller('app')
class App {
  @Get('item')
  get(@Res() response: any) {
    response.set(service.ITEM).send('item');
  }

  @Post('item')
  @HttpCode(200)
  post(@Res() response: any) {
    this.get(response);
  }

  @Put('item')
  put(@Res() response: any) {
    this.get(response);
  }

  @Patch('item')
  patch(@Res() response: any) {
    this.get(response);
  }

  @Delete('item')
  delete(@Res() response: any) {
    this.get(response);
  }

  @Options('item')
  @HttpCode(204)
  options(@Res({ passthrough: true }) response: any) {
    response.set(service.OPTIONS);
  }

  @Get('get-only')
  getOnly(@Res() response: any) {
    text(response, 'get-only');
  }

  @Get('throw')
  throw() {
    throw new Error('thrown on purpose');
  }

  @Get('throw-late')
  throwLate(@Res() response: any) {
    response.type('text');
    pipeline(Readable.from(service.failingChunks()), response, report);
  }

  @Get('reset')
  reset(@Res({ passthrough: true }) response: any) {
    response.set('X-Before', '1');
    throw new HttpException('thrown on purpose', 500);
  }

  @All('private')
  @UseGuards(Authentication)
  private(@Res() response: any) {
    text(response, 'private');
  }

  @Get('redirect')
  redirect(@Res() response: any) {
    // Not @Redirect: Express writes a page in one of two types, and so varies by Accept.
    response.status(302).location('/app/item').end();
  }

  @Get('stream')
  stream(@Res() response: any) {
    response.type('text');
    pipeline(Readable.from(service.chunks()), response, report);
  }

  @Get('vary')
  vary(@Res() response: any) {
    response.set(service.VARY).send('vary');
  }

  @Get('vary-star')
  varyStar(@Res() response: any) {
    text(response.set('Vary', '*'), 'star');
  }

  @Get('own')
  own(@Res() response: any) {
    text(response.set(service.OWN_CORS), 'own');
  }

  @Post('upload')
  @HttpCode(200)
  upload() {
    return 'uploaded';
  }

  @Get('slow')
  async slow(@Res() response: any) {
    await service.delay(500);
    text(response, 'slow');
  }
}

@Controller()
class Others {
  @Get('open/item')
  open(@Res() response: any) {
    text(response, 'open');
  }

  @Get('plain')
  plain(@Res() response: any) {
    text(response.set(service.PLAIN_CORS), 'plain');
  }

  @Post('-/replace')
  replace(@Req() request: any, @Res() response: any) {
    const [status, body] = service.replace(request.body ?? '');
    text(response.status(status), body);
  }
}

@Module({ controllers: [App, Others] })
class Root {}

function text(response: any, body: string) {
  response.type('text').send(body);
}

function report(error: Error | null | undefined) {
  if (error) console.error(String(error));
}

const app = await NestFactory.create<NestExpressApplication>(Root, { bodyParser: false });
app.use(cors(service.policy));
app.useBodyParser('text', { type: () => true, limit: service.UPLOAD_LIMIT });
app.set('case sensitive routing', true);
app.useStaticAssets(service.STATIC, { prefix: '/app/', index: 'index.txt' });
await app.listen(Number(process.env.PORT ?? 0), '127.0.0.1');
service.announce(app.getHttpServer());
