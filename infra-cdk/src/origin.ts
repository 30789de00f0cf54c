// One origin for all services of an enver, as flows ask for it.

import { Duration, Fn, Stack } from 'aws-cdk-lib';
import { CfnApi, CfnIntegration, CfnRoute, CfnStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { type CfnLogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { LOG_STREAMS, acknowledge } from './acknowledged.js';
import { accessLogSettings, domainOf, makeDomain } from './api.js';
import { forwarding } from './forwarding.js';
import type { EnverSection, Stage } from './manifest.js';
import { logGroupName } from './names.js';
import { type Arn, allow, logsStatement } from './permissions.js';

/** Its domain is `all.dev.enver.example`. */
const NAME = 'all';

/** Makes it and says where it answers. */
export function makeOrigin(
  scope: Construct,
  stage: Stage,
  section: EnverSection,
  logs: CfnLogGroup,
  accessLog: CfnLogGroup,
  arn: Arn,
): string {
  const domain = domainOf(scope, stage, section, NAME);
  const envers = Object.entries(section.services).flatMap(([service, { enver }]) => (enver === null ? [] : [{ service, enver }]));
  const upstreams = Object.fromEntries(envers.map(({ service, enver }) => [service, `https://${enver.build}.${domain.zoneName}`]));
  const group = logGroupName(stage, 'flows');
  const role = new Role(scope, 'OriginRole', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: 'Writes its log',
    inlinePolicies: { logs: new PolicyDocument({ statements: [logsStatement(group, arn)] }) },
  });
  const { account, region } = Stack.of(scope);
  const streams = `arn:<AWS::Partition>:logs:${region}:${account}:log-group:${group}:log-stream:*`;
  acknowledge(role, { id: `AwsSolutions-IAM5[Resource::${streams}]`, reason: LOG_STREAMS });
  const forwarder = new Function(scope, 'Forwarder', {
    functionName: `enver-${stage}-origin`,
    description: `Passes calls on to the services of ${stage}`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code: Code.fromInline(forwarding(upstreams)),
    role,
    memorySize: section.deployment.function.memoryMegabytes,
    // As long as the service may take, and the way there.
    timeout: Duration.seconds(2 * section.deployment.function.timeoutSeconds),
    logGroup: LogGroup.fromLogGroupName(scope, 'LogGroup', logs.ref),
    loggingFormat: LoggingFormat.JSON,
  });
  const invoke = new Role(scope, 'ApiRole', {
    assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
    description: 'Lets the origin invoke its function',
    inlinePolicies: { invoke: new PolicyDocument({ statements: [allow(['lambda:InvokeFunction'], [forwarder.functionArn])] }) },
  });
  const api = new CfnApi(scope, 'Origin', {
    name: `enver-${stage}-${NAME}`,
    description: `All services of ${stage} under one origin`,
    protocolType: 'HTTP',
    disableExecuteApiEndpoint: true,
  });
  const integration = new CfnIntegration(scope, 'Integration', {
    apiId: api.ref,
    integrationType: 'AWS_PROXY',
    integrationUri: forwarder.functionArn,
    integrationMethod: 'POST',
    payloadFormatVersion: '2.0',
    credentialsArn: invoke.roleArn,
  });
  const route = new CfnRoute(scope, 'Route', {
    apiId: api.ref,
    routeKey: '$default',
    authorizationType: 'NONE',
    target: Fn.join('/', ['integrations', integration.ref]),
  });
  acknowledge(route, { id: 'AwsSolutions-APIG4', reason: 'The service that a call is passed on to judges its token.' });
  const deployed = new CfnStage(scope, 'Stage', {
    apiId: api.ref,
    stageName: '$default',
    autoDeploy: true,
    accessLogSettings: accessLogSettings(accessLog),
  });
  makeDomain(scope, api, deployed, domain);
  return `https://${domain.name}`;
}
