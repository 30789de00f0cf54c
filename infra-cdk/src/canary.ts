// How a new version of `main` begins: it gets a part of the calls, and an alarm in that time takes it back. What prepares
// an enver has none: it is called once with each deployment, which fails with it.

import { CfnApplication, CfnDeploymentConfig, CfnDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnAlias } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Guarded } from './alarms.js';
import type { Deployment } from './manifest.js';
import { functionName } from './names.js';
import { type Arn, allow } from './permissions.js';

export function makeCanaries(
  scope: Construct,
  service: string,
  { canary }: Deployment,
  functions: readonly Guarded[],
  arn: Arn,
): void {
  const application = new CfnApplication(scope, 'Canary', { computePlatform: 'Lambda' });
  const config = new CfnDeploymentConfig(scope, 'CanaryConfig', {
    computePlatform: 'Lambda',
    trafficRoutingConfig: {
      type: 'TimeBasedCanary',
      timeBasedCanary: { canaryPercentage: canary.percent, canaryInterval: canary.minutes },
    },
  });
  // By their names: a reference to an alias would go round, because the alias waits for its group.
  const aliases = functions.map(({ made: { handler } }) => arn('lambda', `function:${functionName('main', handler)}:live`));
  const alarmArns = new Set(functions.flatMap(({ alarms }) => alarms.map((alarm) => alarm.alarmArn)));
  const role = new Role(scope, 'CanaryRole', {
    assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
    description: `Shifts calls of ${service} to a new version, and back`,
    inlinePolicies: {
      shift: new PolicyDocument({
        statements: [
          allow(['lambda:GetAlias', 'lambda:GetProvisionedConcurrencyConfig', 'lambda:UpdateAlias'], aliases),
          allow(['cloudwatch:DescribeAlarms'], [...alarmArns]),
        ],
      }),
    },
  });
  for (const { made: { alias }, alarms } of functions) {
    if (alias === undefined) continue;
    const group = new CfnDeploymentGroup(scope, `${alias.node.id}Canary`, {
      applicationName: application.ref,
      serviceRoleArn: role.roleArn,
      deploymentConfigName: config.ref,
      deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
      alarmConfiguration: { enabled: true, alarms: alarms.map((alarm) => ({ name: alarm.alarmName })) },
      autoRollbackConfiguration: {
        enabled: true,
        events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
      },
    });
    (alias.node.defaultChild as CfnAlias).cfnOptions.updatePolicy = {
      codeDeployLambdaAliasUpdate: { applicationName: application.ref, deploymentGroupName: group.ref },
    };
  }
}
