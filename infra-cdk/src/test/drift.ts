// The templates say what the contracts say, and nothing else: read back from the templates and compared both ways.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Touch } from '../manifest.js';
import { type Deployed, type Resource, handlerOf, ofType, services, text } from './synthesised.js';

describe('the templates equal the contracts', () => {
  for (const deployed of services) {
    const { stage, name, service, section, resources } = deployed;
    const where = `${name} in ${stage}`;

    test(`${where}: a route per operation, a HEAD for each GET, and one for everything else`, () => {
      const integrations = Object.fromEntries(ofType(resources, 'AWS::ApiGatewayV2::Integration'));
      const found = ofType(resources, 'AWS::ApiGatewayV2::Route').map(([, { Properties: route }]) => {
        const integration = integrations[text(route.Target).replace('integrations/', '')];
        return `${route.RouteKey} → ${handlerOf(resources, integration?.Properties.IntegrationUri)}`;
      });
      const declared = service.operations.flatMap(({ method, path, handler }) => [
        `${method} ${path} → ${handler}`,
        ...(method === 'GET' ? [`HEAD ${path} → ${handler}`] : []),
      ]);
      assert.deepEqual(found.sort(), [...declared, `$default → ${name}::other`].sort());
    });

    test(`${where}: a function per operation and consumer, each with its policy, and five variables`, () => {
      const hidden = [...(service.operations.some((operation) => operation.emits.length > 0) ? ['relay'] : []), ...(name === 'config' ? ['prepare'] : []), 'other'];
      const functions = ofType(resources, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties);
      const found = functions.map(({ Handler, Tags }) => `${Handler} ${tag(Tags, 'enver:policy') ?? ''}`);
      const declared = [
        ...service.operations.map(({ handler, policy }) => `${handler} ${policy.rule}`),
        ...service.consumers.map(({ handler }) => `${handler} `),
        ...hidden.map((handler) => `${name}::${handler} `),
      ];
      assert.deepEqual(found.sort(), declared.sort());
      for (const { Environment } of functions) {
        const names = Object.keys(Environment.Variables).sort();
        assert.deepEqual(names, ['CONFIG_SERVICE_URL', 'ENVIRONMENT', 'LOG_LEVEL', 'SERVICE_NAME'], 'AWS_REGION is set by Lambda');
        assert.equal(Environment.Variables.ENVIRONMENT, stage);
      }
    });

    test(`${where}: each role may do what its operation touches, and no more`, () => {
      const functions = ofType(resources, 'AWS::Lambda::Function');
      for (const unit of [...service.operations, ...service.consumers]) {
        const [, made] = functions.find(([, made]) => made.Properties.Handler === unit.handler) ?? [];
        const declared: Touch[] = [...unit.touches, ...service.pipelineTouches].filter(({ resource }) => resource !== 'config');
        // Whether an event or an idempotency key was met before stands in the service's own table.
        if (!('path' in unit) || unit.idempotent) declared.push({ resource: 'table', name, access: 'read' });
        if (!('path' in unit)) declared.push({ resource: 'queue', name: unit.queue, access: 'read' });
        const wanted = new Set(declared.map(({ resource, name, access }) => `${access} ${resource} ${name}`));
        const found = touched(resources[text(made?.Properties.Role).split('.')[0] ?? ''], deployed);
        assert.deepEqual([...found].sort(), [...wanted].sort(), unit.handler);
      }
    });

    test(`${where}: a route is throttled by its preset`, () => {
      const [, stageOfApi] = ofType(resources, 'AWS::ApiGatewayV2::Stage')[0] ?? [];
      const settings = stageOfApi?.Properties.RouteSettings as Record<string, any>;
      for (const { method, path, rateLimit } of service.operations) {
        const { limit, seconds } = section.rateLimits[rateLimit] ?? { limit: 0, seconds: 1 };
        const most = (limit / seconds) * section.deployment.callersAtOnce;
        const found = settings[`${method} ${path}`];
        assert.ok(found.ThrottlingRateLimit >= most && found.ThrottlingRateLimit < most + 1, `${path}: ${found.ThrottlingRateLimit}, ${most}`);
      }
    });

    test(`${where}: a queue per consumer, with dead letters and the number of tries`, () => {
      const queues = ofType(resources, 'AWS::SQS::Queue');
      const byId = Object.fromEntries(queues);
      const found = ofType(resources, 'AWS::Lambda::EventSourceMapping').flatMap(([, { Properties: source }]) => {
        const [id = ''] = text(source.EventSourceArn).split('.');
        const queue = byId[id]?.Properties;
        if (queue === undefined) return [];
        assert.deepEqual(source.FunctionResponseTypes, ['ReportBatchItemFailures']);
        const dead = byId[text(queue.RedrivePolicy.deadLetterTargetArn).split('.')[0] ?? '']?.Properties;
        const handler = handlerOf(resources, source.FunctionName);
        return [`${queue.QueueName} → ${handler}, after ${queue.RedrivePolicy.maxReceiveCount} ${dead.QueueName}`];
      });
      const declared = service.consumers.map(
        (consumer) => `${consumer.queueName} → ${consumer.handler}, after ${consumer.maxReceiveCount} ${consumer.deadLetterQueueName}`,
      );
      assert.deepEqual(found.sort(), declared.sort());
      assert.equal(queues.length, 2 * service.consumers.length, 'no queue that nobody declared');
    });

    test(`${where}: what it shares and reads is what the wiring says`, () => {
      const shared = ofType(resources, 'AWS::SSM::Parameter').map(([, { Properties }]) => Properties.Name as string);
      const shares = service.enver?.shares.map(({ parameter }) => parameter) ?? [];
      assert.deepEqual(shared.filter((parameter) => parameter.startsWith('/odmd-share/')).sort(), [...shares].sort());
      const allowed = new Set([...shares, ...(service.enver?.reads.map(({ parameter }) => parameter) ?? [])]);
      for (const statement of statements(resources).filter(({ Action }) => [Action].flat().includes('ssm:GetParameters'))) {
        for (const resource of [statement.Resource].flat()) {
          const parameter = text(resource).replace(/^.*:parameter/, '');
          assert.ok(allowed.has(parameter) || parameter.endsWith('/subscriptions'), `${parameter} is in no contract`);
        }
      }
    });

    test(`${where}: no wildcard but in the names of log streams`, () => {
      for (const { Action, Resource, Effect } of statements(resources)) {
        for (const action of [Action].flat()) assert.ok(Effect === 'Deny' || !action.includes('*'), action);
        for (const resource of [Resource].flat().map(text)) {
          assert.ok(Effect === 'Deny' || !resource.replace(/:log-stream:\*$/, '').includes('*'), resource);
        }
      }
    });
  }
});

function tag(tags: { Key: string; Value: string }[], key: string): string | undefined {
  return tags.find(({ Key }) => Key === key)?.Value;
}

function statements(resources: Readonly<Record<string, Resource>>): any[] {
  return Object.values(resources).flatMap(({ Type, Properties }) => {
    if (Type === 'AWS::IAM::Role') return (Properties.Policies ?? []).flatMap((policy: any) => policy.PolicyDocument.Statement);
    return Type === 'AWS::IAM::Policy' || Type === 'AWS::SQS::QueuePolicy' ? Properties.PolicyDocument.Statement : [];
  });
}

/** Which resources a role may touch, read back from its statements. A statement nobody knows fails. */
function touched(role: Resource | undefined, { stage }: Deployed): Set<string> {
  const reads = new Set(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query']);
  const writes = new Set(['dynamodb:ConditionCheckItem', 'dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']);
  const receives = new Set(['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage']);
  const found = new Set<string>();
  for (const statement of statements({ role: role as Resource })) {
    const actions = [statement.Action].flat() as string[];
    const all = [statement.Resource].flat().map(text) as string[];
    const name = (arn: string) => (arn.split(':').pop() ?? '').replace('table/', '').replace(/\/index\/gsi[12]$/, '').replace(`enver-${stage}-`, '');
    const within = (set: Set<string>) => actions.every((action) => set.has(action));
    if (within(reads)) for (const arn of all) found.add(`read table ${name(arn)}`);
    else if (within(writes)) for (const arn of all) found.add(`write table ${name(arn)}`);
    else if (within(receives)) for (const arn of all) found.add(`read queue ${name(arn)}`);
    else {
      const known = actions.every((action) => ['ssm:GetParameters', 'logs:CreateLogStream', 'logs:PutLogEvents'].includes(action));
      assert.ok(known, `nobody declared ${actions.join(', ')}`);
    }
  }
  return found;
}
