// A service in an enver: its API, its functions, its table and queues, and what it shares with the others.

import { ArnFormat, CfnOutput, CfnParameter, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnLogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CfnParameter as Parameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { makeAlarms } from './alarms.js';
import { type ApiProps, domainOf, endpointOf, makeApi, makeRoutes } from './api.js';
import { makeCanaries } from './canary.js';
import { type Deployed, type Made, codeOf, makeFunction } from './functions.js';
import type { Consumer, Enver, EnverSection, FunctionSettings, Operation, Service, Stage } from './manifest.js';
import * as names from './names.js';
import { type Arn, QUEUE_ACTIONS, allow, sharesStatement, statementsOf, touchesOf } from './permissions.js';
import { makePreparation } from './preparation.js';
import { consume, consumerSettings, makeQueues } from './queues.js';
import { makeRelay } from './relay.js';
import { table } from './table.js';

/** What an emulator is told, which has no domains. */
export interface Local {
  /** Where each service answers, by its name. */
  readonly origins: Readonly<Record<string, string>>;
}

export interface ServiceProps extends StackProps {
  readonly stage: Stage;
  readonly service: string;
  readonly facts: Service;
  readonly enver: Enver;
  readonly section: EnverSection;
  readonly local: Local | undefined;
}

/** The build that keeps the documents of all others. */
const CONFIGURATION = { service: 'config', value: 'configApiBaseUrl' };

export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { stage, service, facts, enver, section, local, ...props }: ServiceProps) {
    super(scope, id, { description: `The service ${service} in ${stage}`, ...props });
    const { deployment } = section;
    const keep = stage === 'main' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    const arn: Arn = (of, resource) =>
      this.formatArn({ service: of, resource, arnFormat: ArnFormat.NO_RESOURCE_NAME });

    const domain = local === undefined ? domainOf(this, stage, section, enver.build) : undefined;
    const apiProps: ApiProps = { stage, service, section, domain };
    const api = makeApi(this, apiProps);
    const origin = local?.origins[service] ?? (domain === undefined ? endpointOf(api) : `https://${domain.name}`);
    const readValues = this.shareIn(enver, service);
    const logs = this.logGroup('Logs', names.logGroupName(stage, service), deployment.logRetentionDays, keep);
    const own = table(this, 'Table', {
      name: facts.table,
      section,
      stream: facts.operations.some((operation) => operation.emits.length > 0),
      keep,
    });
    const deployed: Deployed = {
      stage,
      service,
      bucket: Bucket.fromBucketName(this, 'ArtifactBucket', names.artifactBucketName(stage, enver.accountId)),
      ...codeOf(this, service, facts.code),
      configServiceUrl: readValues.get(CONFIGURATION.value) ?? origin,
      logGroup: LogGroup.fromLogGroupName(this, 'LogGroup', logs.ref),
      versioned: stage === 'main',
      arn,
    };
    const make = (unit: Operation | Consumer, usual: FunctionSettings, ...more: PolicyStatement[]): Made => {
      const settings = { ...usual, ...deployment.operations[unit.handler] };
      const touches = statementsOf(touchesOf(service, facts, unit), section, arn);
      const statements = [...touches, sharesStatement(facts, arn), ...more];
      const policy = 'policy' in unit ? unit.policy.rule : undefined;
      return makeFunction(this, deployed, unit.handler, unit.summary, settings, statements, policy);
    };

    const operations = facts.operations.map((operation) => ({ operation, made: make(operation, deployment.function) }));
    const other = makeFunction(
      this,
      deployed,
      `${service}::other`,
      `Answers what is no operation of ${service}`,
      deployment.function,
      [...statementsOf(facts.pipelineTouches, section, arn), sharesStatement(facts, arn)],
    );
    const accessLog = this.logGroup('AccessLog', names.accessLogGroupName(stage, service), deployment.logRetentionDays, keep);
    makeRoutes(this, api, apiProps, operations, other, accessLog);

    const consumers = facts.consumers.map((consumer) => {
      const settings = consumerSettings(consumer, deployment);
      const queues = makeQueues(this, consumer, settings);
      // Its queue limits how many run at once. As many are reserved only where its own number is configured.
      const { batchSize: _, concurrency: __, ...usual } = deployment.consumer;
      const made = make(consumer, usual, allow(QUEUE_ACTIONS.read, [arn('sqs', consumer.queueName)]));
      consume(this, queues, made, settings);
      return { queues, made };
    });
    const relay = makeRelay(this, deployed, facts, enver, section, own);
    if (service === CONFIGURATION.service) makePreparation(this, deployed, facts, section, own);

    const topic = Topic.fromTopicArn(this, 'Topic', arn('sns', names.alarmTopicName(stage)));
    const alarms = makeAlarms(this, { stage, service, api, table: facts.table, consumers, relay, deployment, topic });
    if (stage === 'main') {
      const behindApi = [...operations.map(({ made }) => made), other].map((made) => ({ made, alarms: alarms.ofApi }));
      makeCanaries(this, service, deployment, [...behindApi, ...alarms.ofOthers], arn);
    }
    this.shareOut(enver, origin);
    new CfnOutput(this, 'ApiId', { value: api.ref, description: 'The HTTP API' });
    new CfnOutput(this, 'BaseUrl', { value: origin, description: `Where ${service} answers` });
  }

  /**
   * The values this service reads when it is deployed: what it cannot start without, and where the configuration is. A
   * parameter that is not shared yet fails the deployment before anything is made.
   */
  private shareIn(enver: Enver, service: string): Map<string, string> {
    const values = new Map<string, string>();
    for (const { name, parameter, required, from } of enver.reads) {
      const needed = required || (name === CONFIGURATION.value && service !== CONFIGURATION.service);
      if (!needed || from === null) continue;
      const read = new CfnParameter(this, names.logicalId(name), {
        type: 'AWS::SSM::Parameter::Value<String>',
        default: parameter,
        description: `What ${from} shares as ${parameter}`,
      });
      values.set(name, read.valueAsString);
      new CfnOutput(this, `${names.logicalId(name)}Read`, { value: read.valueAsString, description: `${name} when this was deployed` });
    }
    return values;
  }

  /** What others read: where this service answers, and the pinned document of its contract, once it was uploaded. */
  private shareOut({ build, shares }: Enver, origin: string): void {
    for (const { producer, parameter, document } of shares) {
      const id = names.logicalId(producer);
      let value = origin;
      if (document) {
        value = new CfnParameter(this, `${id}Document`, {
          type: 'String',
          description: `The pinned document: the line of ${producer} that \`enver publish --upload\` prints`,
          allowedPattern: '^s3://[a-z0-9.-]{3,63}/[^@]{1,900}@.{1,1024}$',
        }).valueAsString;
      }
      new Parameter(this, `Share${id}`, { type: 'String', name: parameter, value, description: `${producer} of ${build}` });
    }
  }

  private logGroup(id: string, name: string, days: number, keep: RemovalPolicy): CfnLogGroup {
    const group = new CfnLogGroup(this, id, { logGroupName: name, retentionInDays: days });
    group.applyRemovalPolicy(keep);
    return group;
  }
}
