import {
  Injectable,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type ModuleMetadata,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Registry } from 'prom-client';
import { EdgeIndex, EventStore } from '#event-sourcing';
import { KafkaPort } from '#kafka';
import { LOGGER } from '#runtime';
import { PartitionLeases } from './partition-leases.js';
import { Publisher, type PublisherSettings } from './publisher.js';
import type { Log } from './publisher-log.js';
import { PublisherMetrics } from './publisher-metrics.js';

export interface PublisherModuleOptions {
  readonly settings: PublisherSettings;
  readonly kafka: KafkaPort;
  readonly leases: PartitionLeases;
  /** Modules that provide EventStore and EdgeIndex, where those are not global. */
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
}

@Injectable()
class PublisherLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly publisher: Publisher,
    private readonly kafka: KafkaPort,
  ) {}

  onApplicationBootstrap(): void {
    this.publisher.start();
  }

  /** Before connections close: what is acknowledged by now may still go out. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.publisher.stop();
    await this.kafka.close();
  }
}

/** The publisher as a part of any process that has RuntimeModule, an EventStore and an EdgeIndex. */
@Module({})
export class PublisherModule {
  static register({ settings, kafka, leases, imports = [] }: PublisherModuleOptions): DynamicModule {
    return {
      module: PublisherModule,
      imports,
      providers: [
        { provide: KafkaPort, useValue: kafka },
        { provide: PartitionLeases, useValue: leases },
        {
          provide: PublisherMetrics,
          inject: [Registry],
          useFactory: (registry: Registry) => new PublisherMetrics(registry),
        },
        {
          provide: Publisher,
          inject: [EventStore, EdgeIndex, PublisherMetrics, LOGGER],
          useFactory: (store: EventStore, edges: EdgeIndex, metrics: PublisherMetrics, log: Log) =>
            new Publisher({ store, edges, kafka, leases, metrics, log }, settings),
        },
        PublisherLifecycle,
      ],
      exports: [Publisher],
    };
  }
}
