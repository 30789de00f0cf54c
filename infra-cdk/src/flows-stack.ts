// The flows of an enver as state machines: one for each flow, and one that runs them all.

import { ArnFormat, CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnConnection } from 'aws-cdk-lib/aws-events';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnLogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CfnStateMachine, type CfnStateMachineProps } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { EXECUTIONS, TRACES_AND_DELIVERIES, acknowledge } from './acknowledged.js';
import { everyFlow } from './every-flow.js';
import { type Deployed, codeOf, makeFunction } from './functions.js';
import type { EnverSection, Stage } from './manifest.js';
import * as names from './names.js';
import { makeOrigin } from './origin.js';
import { type Arn, allow } from './permissions.js';

export interface FlowsProps extends StackProps {
  readonly stage: Stage;
  readonly section: EnverSection;
  readonly account: string;
}

/** Neither traces nor the delivery of logs can be allowed for one state machine only. */
const OBSERVING = allow(
  [
    'logs:CreateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:DescribeLogGroups',
    'logs:DescribeResourcePolicies',
    'logs:GetLogDelivery',
    'logs:ListLogDeliveries',
    'logs:PutResourcePolicy',
    'logs:UpdateLogDelivery',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:PutTelemetryRecords',
    'xray:PutTraceSegments',
  ],
  ['*'],
);

export class FlowsStack extends Stack {
  private readonly logs: CfnLogGroup;

  constructor(scope: Construct, id: string, { stage, section, account, ...props }: FlowsProps) {
    super(scope, id, { description: `The flows of ${stage}, to be run against it`, ...props });
    this.logs = this.logGroup('Logs', names.flowLogGroupName(stage), section);
    const accessLog = this.logGroup('AccessLog', names.accessLogGroupName(stage, 'flows'), section);
    const ofOrigin = this.logGroup('OriginLogs', names.logGroupName(stage, 'flows'), section);
    const arn: Arn = (service, resource) => this.formatArn({ service, resource, arnFormat: ArnFormat.NO_RESOURCE_NAME });
    const baseUrl = makeOrigin(this, stage, section, ofOrigin, accessLog, arn);
    const bucket = names.artifactBucketName(stage, account);
    const deployed: Deployed = {
      stage,
      service: 'flows',
      bucket: Bucket.fromBucketName(this, 'ArtifactBucket', bucket),
      ...codeOf(this, 'values', section.values),
      configServiceUrl: baseUrl,
      logGroup: LogGroup.fromLogGroupName(this, 'ValuesLogGroup', ofOrigin.ref),
      versioned: false,
      arn,
    };
    const { memoryMegabytes, timeoutSeconds } = section.deployment.function;
    const values = makeFunction(
      this,
      deployed,
      'flows::values',
      'Computes and judges what state machines cannot, and sends what services sign',
      // As long as the origin may take, which it asks.
      { memoryMegabytes, timeoutSeconds: 2 * timeoutSeconds },
      [allow(['dynamodb:GetItem'], [arn('dynamodb', `table/${section.platformTable}`)])],
    ).function.functionArn;
    // A task that sends requests has to have a connection; services judge the token that each request carries.
    const connection = new CfnConnection(this, 'Connection', {
      name: `enver-${stage}-flows`,
      description: `What flows of ${stage} say of themselves`,
      authorizationType: 'API_KEY',
      authParameters: { apiKeyAuthParameters: { apiKeyName: 'x-flows-of', apiKeyValue: stage } },
    });

    const machines = section.flows.map((flow) => ({ ...flow, name: names.flowName(stage, flow.id) }));
    const all = machines.map(({ name }) => this.states('stateMachine', name));
    const methods = new Set(Object.values(section.services).flatMap(({ operations }) => operations.map(({ method }) => method)));
    const sending = new PolicyStatement({
      actions: ['states:InvokeHTTPEndpoint'],
      resources: all,
      conditions: {
        StringEquals: { 'states:HTTPMethod': [...methods].sort() },
        StringLike: { 'states:HTTPEndpoint': `${baseUrl}/*` },
      },
    });
    const ofFlows = this.role('FlowsRole', `Lets flows ask the services of ${stage}`, [
      sending,
      allow(['events:RetrieveConnectionCredentials'], [connection.attrArn]),
      allow(['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'], [connection.attrSecretArn]),
      allow(['lambda:InvokeFunction'], [values]),
    ]);
    for (const { id, digest, name } of machines) {
      this.machine(names.logicalId(id), name, ofFlows, { definitionS3Location: { bucket, key: names.flowKey(id, digest) } });
    }

    const executions = machines.map(({ name }) => `${this.states('execution', name)}:*`);
    const ofAll = this.role('EveryFlowRole', `Lets one state machine run every flow of ${stage}`, [
      allow(['states:StartExecution'], all),
      allow(['states:DescribeExecution', 'states:StopExecution'], executions),
      allow(
        ['events:DescribeRule', 'events:PutRule', 'events:PutTargets'],
        // The rule by which Step Functions learns that an execution ended; the name is its own.
        [this.formatArn({ service: 'events', resource: 'rule', resourceName: 'StepFunctionsGetEventsForStepFunctionsExecutionRule' })],
      ),
    ]);
    for (const { name } of machines) {
      const found = `arn:<AWS::Partition>:states:${this.region}:${this.account}:execution:${name}:*`;
      acknowledge(ofAll, { id: `AwsSolutions-IAM5[Resource::${found}]`, reason: EXECUTIONS });
    }
    const runnable = machines.map(({ id, name }) => ({ flow: id, machine: this.states('stateMachine', name) }));
    const told = { baseUrl, connectionArn: connection.attrArn, enver: stage, functions: { values } };
    const everything = this.machine('EveryFlow', names.flowName(stage, 'every-flow'), ofAll, {
      definitionString: this.toJsonString(everyFlow(runnable, told)),
    });
    new CfnOutput(this, 'StateMachine', { value: everything.ref, description: 'Runs every flow, and is given the log-in of the platform' });
    new CfnOutput(this, 'BaseUrl', { value: baseUrl, description: `Where all services of ${stage} answer` });
  }

  private machine(
    id: string,
    name: string,
    role: Role,
    definition: Pick<CfnStateMachineProps, 'definitionString' | 'definitionS3Location'>,
  ): CfnStateMachine {
    return new CfnStateMachine(this, id, {
      stateMachineName: name,
      roleArn: role.roleArn,
      ...definition,
      // What a flow is told has a password in it, so what its states hold is not logged.
      loggingConfiguration: {
        level: 'ALL',
        includeExecutionData: false,
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: this.logs.attrArn } }],
      },
      tracingConfiguration: { enabled: true },
    });
  }

  private role(id: string, description: string, statements: PolicyStatement[]): Role {
    const role = new Role(this, id, {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description,
      inlinePolicies: { runs: new PolicyDocument({ statements: [...statements, OBSERVING] }) },
    });
    acknowledge(role, { id: 'AwsSolutions-IAM5[Resource::*]', reason: TRACES_AND_DELIVERIES });
    return role;
  }

  private states(resource: string, resourceName: string): string {
    return this.formatArn({ service: 'states', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  }

  private logGroup(id: string, logGroupName: string, { deployment }: EnverSection): CfnLogGroup {
    const group = new CfnLogGroup(this, id, { logGroupName, retentionInDays: deployment.logRetentionDays });
    group.applyRemovalPolicy(RemovalPolicy.DESTROY);
    return group;
  }
}
