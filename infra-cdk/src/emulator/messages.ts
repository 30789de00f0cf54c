// What services tell, read from a queue that takes all events of an enver: a person would get it as mails.

import { type EnverSection, type Service } from '../manifest.js';
import { physicalName } from '../permissions.js';
import { subscriptionsOf } from '../relay.js';
import { type Aws, EmulatorError } from './aws.js';

const LOGICAL = 'messages';
/** How many are kept. */
const MOST = 5000;

export class Mailbox {
  private readonly aws: Aws;
  private readonly queue: string;
  private readonly url: string;
  private readonly kept: Record<string, unknown>[] = [];

  private constructor(aws: Aws, queue: string, url: string) {
    this.aws = aws;
    this.queue = queue;
    this.url = url;
  }

  static async open(aws: Aws, section: EnverSection): Promise<Mailbox> {
    const queue = physicalName(section, LOGICAL);
    const { QueueUrl: url } = await aws.json('sqs', 'AmazonSQS.CreateQueue', { QueueName: queue });
    return new Mailbox(aws, queue, url);
  }

  /** Lets the relay of a service, which was just deployed, send everything here too. */
  async subscribe(service: Service, section: EnverSection): Promise<void> {
    const subscriptions = subscriptionsOf(service, section);
    if (Object.keys(subscriptions).length === 0) return;
    const all = Object.entries(subscriptions).map(([event, queues]) => [event, [...queues, LOGICAL]]);
    const name = service.enver?.subscriptionsParameter;
    const value = JSON.stringify(Object.fromEntries(all));
    await this.aws.json('ssm', 'AmazonSSM.PutParameter', { Name: name, Value: value, Type: 'String', Overwrite: true });
  }

  /** Those that have these fields, the latest first. */
  async find(fields: ReadonlyMap<string, string>): Promise<object[]> {
    await this.receive();
    const fits = (event: Record<string, unknown>) => [...fields].every(([name, value]) => event[name] === value);
    return this.kept.filter(fits).reverse();
  }

  async close(): Promise<void> {
    await this.aws.json('sqs', 'AmazonSQS.DeleteQueue', { QueueUrl: this.url });
  }

  private async receive(): Promise<void> {
    for (;;) {
      const request = { QueueUrl: this.url, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 };
      const { Messages: messages = [] } = await this.aws.json('sqs', 'AmazonSQS.ReceiveMessage', request);
      if (messages.length === 0) return;
      for (const { Body: body, ReceiptHandle: handle } of messages as { Body: string; ReceiptHandle: string }[]) {
        const event: unknown = JSON.parse(body);
        if (typeof event !== 'object' || event === null) throw new EmulatorError(`${this.queue} holds what is no event`);
        this.kept.push(event as Record<string, unknown>);
        await this.aws.json('sqs', 'AmazonSQS.DeleteMessage', { QueueUrl: this.url, ReceiptHandle: handle });
      }
      this.kept.splice(0, this.kept.length - MOST);
    }
  }
}
