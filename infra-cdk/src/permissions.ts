// IAM from declared touches: what a function may do is what its operation says it touches, and nothing else.

import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Consumer, EnverSection, Operation, Service, Touch } from './manifest.js';

/** The actions that a touch stands for. A transaction needs those of its parts. */
export const TABLE_ACTIONS = {
  read: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
  write: ['dynamodb:ConditionCheckItem', 'dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
} as const;
export const QUEUE_ACTIONS = {
  read: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
  write: ['sqs:GetQueueUrl', 'sqs:SendMessage'],
} as const;
export const BUCKET_ACTIONS = { read: ['s3:GetObject'], write: ['s3:DeleteObject', 's3:PutObject'] } as const;
/** The index that only the relay reads. */
const OUTBOX = 'outbox';

/** Forms ARNs in the account and region of a stack. */
export type Arn = (service: string, resource: string) => string;

/** What one function touches: what its declaration says, and what the pipeline does for it. */
export function touchesOf(name: string, service: Service, unit: Operation | Consumer): Touch[] {
  const touches = [...unit.touches, ...service.pipelineTouches];
  // Whether an event or a key was seen before is read from the service's own table.
  if (!('path' in unit) || unit.idempotent) touches.push({ resource: 'table', name, access: 'read' });
  const known = new Set<string>();
  return touches
    .filter((touch) => touch.resource !== 'config') // Documents come over HTTP, and the service that has them reads its table.
    .filter(({ resource, name, access }) => {
      const key = `${resource} ${name} ${access}`;
      return !known.has(key) && known.add(key);
    })
    .sort((a, b) => `${a.resource} ${a.name} ${a.access}`.localeCompare(`${b.resource} ${b.name} ${b.access}`));
}

/** The statements that let a function do what it touches. */
export function statementsOf(touches: readonly Touch[], section: EnverSection, arn: Arn): PolicyStatement[] {
  return touches.map(({ resource, name, access }) => {
    const physical = physicalName(section, name);
    switch (resource) {
      case 'table': {
        const table = arn('dynamodb', `table/${physical}`);
        const indexes = section.tables.indexes.filter((index) => index.name !== OUTBOX);
        const resources = access === 'read' ? [table, ...indexes.map((index) => `${table}/index/${index.name}`)] : [table];
        return allow(TABLE_ACTIONS[access], resources);
      }
      case 'queue':
        return allow(QUEUE_ACTIONS[access], [arn('sqs', physical)]);
      case 'bucket':
        // The objects of a bucket have names that nobody knows before.
        return allow(BUCKET_ACTIONS[access], [`arn:aws:s3:::${physical}/*`]);
      case 'config':
        throw new Error('documents are no resource of AWS');
    }
  });
}

/** Reading the values that others share, and its own. */
export function sharesStatement(service: Service, arn: Arn): PolicyStatement {
  const { reads, shares } = service.enver ?? { reads: [], shares: [] };
  const names = new Set([...reads, ...shares].map(({ parameter }) => parameter));
  return allow(['ssm:GetParameters'], [...names].sort().map((name) => arn('ssm', `parameter${name}`)));
}

/** Writing log lines. A stream is made by the runtime, under a name that nobody knows before. */
export function logsStatement(group: string, arn: Arn): PolicyStatement {
  return allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [`${arn('logs', `log-group:${group}`)}:log-stream:*`]);
}

/** What moves events out of a table's outbox to these queues. */
export function relayStatements(
  table: string,
  stream: string,
  queues: readonly string[],
  subscriptions: string,
  arn: Arn,
): PolicyStatement[] {
  const tableArn = arn('dynamodb', `table/${table}`);
  return [
    allow(['dynamodb:Scan'], [`${tableArn}/index/${OUTBOX}`]),
    allow(['dynamodb:BatchWriteItem'], [tableArn]),
    allow(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      [stream],
    ),
    ...(queues.length === 0 ? [] : [allow(QUEUE_ACTIONS.write, queues.map((queue) => arn('sqs', queue)))]),
    allow(['ssm:GetParameters'], [arn('ssm', `parameter${subscriptions}`)]),
  ];
}

/** The physical name of a table, queue or bucket. */
export function physicalName(section: EnverSection, logical: string): string {
  return section.platformTable.replace(/platform$/, logical);
}

export function allow(actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [...resources] });
}
