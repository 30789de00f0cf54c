// The relay of a service: a change of its table wakes it, and so does the clock, in case a wake-up was lost.

import { CfnRule } from 'aws-cdk-lib/aws-events';
import type { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { CfnEventSourceMapping, CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { CfnParameter as Parameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { type Deployed, type Made, makeFunction } from './functions.js';
import type { Enver, EnverSection, Service } from './manifest.js';
import { relayStatements } from './permissions.js';
import { streamOf } from './table.js';

/** Which of its events go to which queues, by their logical names: to those of everybody in the enver who takes them. */
export function subscriptionsOf(service: Service, section: EnverSection): Record<string, string[]> {
  const emitted = new Set(service.operations.flatMap((operation) => operation.emits));
  const consumers = Object.values(section.services).flatMap((other) => other.consumers);
  const queues = (event: string) => consumers.filter(({ events }) => events.includes(event)).map(({ queue }) => queue);
  return Object.fromEntries([...emitted].sort().map((event) => [event, queues(event).sort()]));
}

export function makeRelay(
  scope: Construct,
  deployed: Deployed,
  service: Service,
  enver: Enver,
  section: EnverSection,
  table: CfnTable,
): Made | undefined {
  const subscriptions = subscriptionsOf(service, section);
  if (Object.keys(subscriptions).length === 0) return undefined;
  const name = enver.subscriptionsParameter;
  const parameter = new Parameter(scope, 'Subscriptions', {
    type: 'String',
    name,
    value: JSON.stringify(subscriptions),
    description: `Which events of ${deployed.service} go to which queues`,
  });
  const logical = new Set(Object.values(subscriptions).flat());
  const consumers = Object.values(section.services).flatMap((other) => other.consumers);
  const queues = consumers.filter(({ queue }) => logical.has(queue)).map(({ queueName }) => queueName);
  const made = makeFunction(
    scope,
    deployed,
    `${deployed.service}::relay`,
    `Moves the events of ${deployed.service} to the queues of those who take them`,
    // Of two that run at once, one would send again what the other sends.
    { ...section.deployment.relay, concurrency: 1 },
    relayStatements(service.table, streamOf(table), queues.sort(), name, deployed.arn),
  );
  made.function.node.addDependency(parameter);
  const source = new CfnEventSourceMapping(scope, 'RelaySource', {
    eventSourceArn: streamOf(table),
    functionName: made.target.functionArn,
    startingPosition: 'LATEST',
    batchSize: 100,
    // enver:allow(hardcoded-retry) A wake-up is a hint; what it was about stands in the outbox, and the clock comes in a minute.
    maximumRetryAttempts: 3,
    // Only what put an event into the outbox; what the relay itself changes wakes nobody.
    filterCriteria: { filters: [{ pattern: JSON.stringify({ dynamodb: { NewImage: { outbox: { S: [{ exists: true }] } } } }) }] },
  });
  source.node.addDependency(made.target);
  const clock = new CfnRule(scope, 'RelayClock', {
    description: `Looks after events of ${deployed.service} whose wake-up was lost`,
    scheduleExpression: 'rate(1 minute)',
    targets: [{ id: 'relay', arn: made.target.functionArn }],
  });
  new CfnPermission(scope, 'RelayClockPermission', {
    action: 'lambda:InvokeFunction',
    functionName: made.target.functionArn,
    principal: 'events.amazonaws.com',
    sourceArn: clock.attrArn,
  });
  return made;
}
