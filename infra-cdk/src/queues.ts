// The queue of a consumer, its dead letters, and what hands messages over.

import { Duration } from 'aws-cdk-lib';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledged.js';
import type { Made } from './functions.js';
import type { Consumer, Deployment } from './manifest.js';
import { logicalId } from './names.js';

export interface Queues {
  readonly consumer: Consumer;
  readonly queue: Queue;
  readonly dead: Queue;
}

type Settings = Deployment['consumer'];

/** How a consumer runs: as all do, but for what is configured for it. */
export const consumerSettings = ({ handler }: Consumer, { consumer, operations }: Deployment): Settings => ({
  ...consumer,
  ...operations[handler],
});

export function makeQueues(scope: Construct, consumer: Consumer, settings: Settings): Queues {
  /** A message comes back only when no try can still be under way: six times the time-out, as Lambda recommends. */
  const TIMES = 6;
  const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, ...(consumer.fifo ? { fifo: true } : {}) };
  const id = logicalId(consumer.queue);
  const dead = new Queue(scope, `${id}DeadLetters`, {
    ...common,
    queueName: consumer.deadLetterQueueName,
    retentionPeriod: Duration.days(14),
  });
  acknowledge(dead, { id: 'AwsSolutions-SQS3', reason: 'These are the dead letters of another queue.' });
  const queue = new Queue(scope, `${id}Queue`, {
    ...common,
    queueName: consumer.queueName,
    visibilityTimeout: Duration.seconds(TIMES * settings.timeoutSeconds),
    deadLetterQueue: { queue: dead, maxReceiveCount: consumer.maxReceiveCount },
  });
  return { consumer, queue, dead };
}

/** Hands messages in batches to the consumer's function; it says which of them failed. */
export function consume(scope: Construct, { queue, consumer }: Queues, made: Made, settings: Settings): void {
  const mapping = new CfnEventSourceMapping(scope, `${logicalId(consumer.id)}Source`, {
    eventSourceArn: queue.queueArn,
    functionName: made.target.functionArn,
    batchSize: settings.batchSize,
    functionResponseTypes: ['ReportBatchItemFailures'],
    scalingConfig: { maximumConcurrency: settings.concurrency },
  });
  mapping.node.addDependency(made.target);
}
