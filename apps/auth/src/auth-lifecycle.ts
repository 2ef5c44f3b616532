import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { ControlFollower } from '#access';
import { ErrorFormats } from '#runtime';
import { adminErrorAnswer } from './admin/admin-errors.js';
import { AuthorizationServer } from './oauth/authorization-server.js';
import { mountOAuth } from './oauth/mount-oauth.js';

/** Starts and stops what runs beside the requests. */
@Injectable()
export class AuthLifecycle implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(ErrorFormats) private readonly formats: ErrorFormats,
    @Inject(ControlFollower) private readonly follower: ControlFollower,
    @Inject(AuthorizationServer) private readonly server: AuthorizationServer,
  ) {}

  async onModuleInit(): Promise<void> {
    this.formats.register(/^\/admin\//, adminErrorAnswer);
    mountOAuth(this.host.httpAdapter.getInstance<FastifyInstance>(), this.server);
    await Promise.all([this.follower.start(), this.server.start()]);
  }

  async onApplicationShutdown(): Promise<void> {
    this.server.close();
    await this.follower.close();
  }
}
