// What has to be there before the first call: the secret of the services and the configuration's defaults. A new build
// may bring others, so it is done again with each.

import { CustomResource } from 'aws-cdk-lib';
import type { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { type Deployed, makeFunction } from './functions.js';
import type { EnverSection, Service } from './manifest.js';
import { sharesStatement, statementsOf } from './permissions.js';

export function makePreparation(
  scope: Construct,
  deployed: Deployed,
  service: Service,
  section: EnverSection,
  table: CfnTable,
): void {
  const name = deployed.service;
  const touches = [
    ...service.pipelineTouches,
    { resource: 'table', name, access: 'write' } as const,
  ];
  const made = makeFunction(
    scope,
    deployed,
    `${name}::prepare`,
    'Makes the secret of the services and the defaults that are not there',
    { ...section.deployment.consumer, concurrency: 1 },
    [...statementsOf(touches, section, deployed.arn), sharesStatement(service, deployed.arn)],
  );
  const prepared = new CustomResource(scope, 'Prepared', {
    serviceToken: made.function.functionArn,
    resourceType: 'Custom::Prepared',
    // Another build is another value here, and so runs it again.
    properties: { Build: deployed.key },
  });
  // Nothing in it names the table that it writes into.
  prepared.node.addDependency(table);
}
