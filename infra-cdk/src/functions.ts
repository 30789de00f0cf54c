// A function of a service: the one zip under its own handler name, with its own memory, time-out, concurrency and role.

import { CfnParameter, Duration, Stack, Tags } from 'aws-cdk-lib';
import { type PolicyStatement, PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, Architecture, Code, Function, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { LOG_STREAMS, acknowledge } from './acknowledged.js';
import type { Code as Build, FunctionSettings, Stage } from './manifest.js';
import { codeKey, functionName, logGroupName, logicalId } from './names.js';
import { type Arn, logsStatement } from './permissions.js';

/** What all functions of a service have in common. */
export interface Deployed {
  readonly stage: Stage;
  readonly service: string;
  readonly bucket: IBucket;
  /** The object in it. */
  readonly key: string;
  readonly architecture: 'arm64' | 'x86_64';
  readonly configServiceUrl: string;
  readonly logGroup: ILogGroup;
  /** Whether calls go to an alias, so that a new version can get a part of them first. */
  readonly versioned: boolean;
  readonly arn: Arn;
}

/** A function and where calls to it go: to itself, or to its alias. */
export interface Made {
  readonly handler: string;
  readonly function: Function;
  readonly alias: Alias | undefined;
  readonly target: Function | Alias;
}

/** The build that runs: the recorded one and no other, or the one that is named at deployment. */
export function codeOf(scope: Construct, name: string, code: Build | null): Pick<Deployed, 'key' | 'architecture'> {
  if (code !== null) return { key: codeKey(name, code.digest), architecture: code.architecture };
  const digest = new CfnParameter(scope, 'CodeDigest', {
    type: 'String',
    description: 'SHA-256 of the zip that runs, as `enver build lambda` lists it',
    allowedPattern: '^[0-9a-f]{64}$',
  }).valueAsString;
  const architecture = scope.node.tryGetContext('architecture') === 'x86_64' ? 'x86_64' : 'arm64';
  return { key: codeKey(name, digest), architecture };
}

export function makeFunction(
  scope: Construct,
  deployed: Deployed,
  handler: string,
  description: string,
  settings: FunctionSettings,
  statements: readonly PolicyStatement[],
  policy?: string,
): Made {
  const { stage, service } = deployed;
  const id = logicalId(handler.split('::')[1] ?? handler);
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: `What ${handler} touches`,
    inlinePolicies: {
      touches: new PolicyDocument({ statements: [...statements, logsStatement(logGroupName(stage, service), deployed.arn)] }),
    },
  });
  const { account, region } = Stack.of(scope);
  const streams = `arn:<AWS::Partition>:logs:${region}:${account}:log-group:${logGroupName(stage, service)}:log-stream:*`;
  acknowledge(role, { id: `AwsSolutions-IAM5[Resource::${streams}]`, reason: LOG_STREAMS });
  const own = new Function(scope, id, {
    functionName: functionName(stage, handler),
    description,
    runtime: Runtime.PROVIDED_AL2023,
    architecture: deployed.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
    handler,
    code: Code.fromBucketV2(deployed.bucket, deployed.key),
    role,
    memorySize: settings.memoryMegabytes,
    timeout: Duration.seconds(settings.timeoutSeconds),
    ...(settings.concurrency === undefined ? {} : { reservedConcurrentExecutions: settings.concurrency }),
    // AWS_REGION, the fifth, is set by Lambda itself.
    environment: {
      SERVICE_NAME: service,
      ENVIRONMENT: stage,
      CONFIG_SERVICE_URL: deployed.configServiceUrl,
      LOG_LEVEL: 'INFO',
    },
    logGroup: deployed.logGroup,
    loggingFormat: LoggingFormat.JSON,
  });
  if (policy !== undefined) Tags.of(own).add('enver:policy', policy);
  const alias = deployed.versioned
    ? new Alias(scope, `${id}Alias`, { aliasName: 'live', version: own.currentVersion })
    : undefined;
  return { handler, function: own, alias, target: alias ?? own };
}
