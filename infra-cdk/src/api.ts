// The HTTP API of a service: a route per operation, throttled by its preset, under the enver's own domain.

import { CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import {
  CfnApi,
  CfnApiMapping,
  CfnDomainName,
  CfnIntegration,
  CfnRoute,
  CfnStage,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnCertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledged.js';
import type { Made } from './functions.js';
import type { EnverSection, Operation, Stage } from './manifest.js';
import { hostedZoneParameter, logicalId } from './names.js';
import { allow } from './permissions.js';

export interface Domain {
  readonly name: string;
  /** The hosted zone it is in, and its id. */
  readonly zoneName: string;
  readonly zone: string;
}

export interface ApiProps {
  readonly stage: Stage;
  readonly service: string;
  readonly section: EnverSection;
  readonly domain: Domain | undefined;
}

/** The API itself, before it has routes: functions need to know where it answers. */
export function makeApi(scope: Construct, { stage, service, domain }: ApiProps): CfnApi {
  return new CfnApi(scope, 'Api', {
    name: `enver-${stage}-${service}`,
    description: `The operations of ${service} in ${stage}`,
    protocolType: 'HTTP',
    // There is one way in where there is a domain.
    disableExecuteApiEndpoint: domain !== undefined,
  });
}

/** The route keys of an operation. A HEAD is answered as a GET is, without the body. */
export function routeKeys({ method, path }: Operation): string[] {
  return method === 'GET' ? [`GET ${path}`, `HEAD ${path}`] : [`${method} ${path}`];
}

/** What a route lets through: so many callers at once, each at the limit of the preset. */
export function throttle(operation: Operation, { rateLimits, deployment }: EnverSection): { rate: number; burst: number } {
  const { limit, seconds } = rateLimits[operation.rateLimit] ?? { limit: 1, seconds: 1 };
  const rate = Math.max(1, Math.ceil((limit / seconds) * deployment.callersAtOnce));
  return { rate, burst: Math.max(rate, Math.min(limit, deployment.callersAtOnce)) };
}

/** Routes, throttles, access logs and the domain. `other` answers what is no operation: 404, 405 and preflights. */
export function makeRoutes(
  scope: Construct,
  api: CfnApi,
  { service, section, domain }: ApiProps,
  operations: readonly { operation: Operation; made: Made }[],
  other: Made,
  accessLog: CfnLogGroup,
): CfnStage {
  const invoke = new Role(scope, 'ApiRole', {
    assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
    description: `Lets the API of ${service} invoke its functions`,
    inlinePolicies: {
      invoke: new PolicyDocument({
        statements: [
          allow(['lambda:InvokeFunction'], [...operations.map(({ made }) => made), other].map((made) => made.target.functionArn)),
        ],
      }),
    },
  });
  const routes: CfnRoute[] = [];
  const route = (id: string, routeKey: string, integration: CfnIntegration, reason: string) => {
    const made = new CfnRoute(scope, `${id}Route`, {
      apiId: api.ref,
      routeKey,
      authorizationType: 'NONE',
      target: Fn.join('/', ['integrations', integration.ref]),
    });
    acknowledge(made, { id: 'AwsSolutions-APIG4', reason });
    routes.push(made);
  };
  const integrate = ({ handler, target }: Made) =>
    new CfnIntegration(scope, `${logicalId(handler.split('::')[1] ?? handler)}Integration`, {
      apiId: api.ref,
      integrationType: 'AWS_PROXY',
      integrationUri: target.functionArn,
      integrationMethod: 'POST',
      payloadFormatVersion: '2.0',
      credentialsArn: invoke.roleArn,
    });

  const settings: Record<string, object> = {};
  for (const { operation, made } of operations) {
    const integration = integrate(made);
    const { rate, burst } = throttle(operation, section);
    for (const key of routeKeys(operation)) {
      const [method = ''] = key.split(' ');
      const id = logicalId(operation.id) + (method === operation.method ? '' : logicalId(method.toLowerCase()));
      route(id, key, integration, whoAuthorises(operation));
      settings[key] = { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst };
    }
  }
  route('Other', '$default', integrate(other), 'It answers what is no operation, with 404 and 405, and preflights, which have no token.');

  const stage = new CfnStage(scope, 'Stage', {
    apiId: api.ref,
    stageName: '$default',
    autoDeploy: true,
    routeSettings: settings,
    accessLogSettings: accessLogSettings(accessLog),
  });
  // The settings of a route are refused while there is no such route.
  routes.forEach((made) => stage.addResourceDependency(made));
  if (domain !== undefined) makeDomain(scope, api, stage, domain);
  return stage;
}

/** A line for each call. */
export function accessLogSettings(accessLog: CfnLogGroup): CfnStage.AccessLogSettingsProperty {
  return {
    destinationArn: Fn.getAtt(accessLog.logicalId, 'Arn').toString(),
    format: JSON.stringify({
      requestId: '$context.requestId',
      time: '$context.requestTimeEpoch',
      client: '$context.identity.sourceIp',
      route: '$context.routeKey',
      status: '$context.status',
      bytes: '$context.responseLength',
      millis: '$context.responseLatency',
      fault: '$context.integrationErrorMessage',
    }),
  };
}

/** Why a route has no authorizer of the gateway: those verify RSA only, and refuse in words that no contract knows. */
function whoAuthorises({ policy }: Operation): string {
  switch (policy.rule) {
    case 'public':
      return 'The contract says that anybody may call it.';
    case 'internal':
      return 'Callers are services: the pipeline verifies their signature over method, path and body.';
    default:
      return 'The pipeline verifies the token (EdDSA, which the gateway cannot) and refuses in the form of the contract.';
  }
}

/** Below the enver's hosted zone: `booking.dev.enver.example` in the zone `dev.enver.example`. */
export function domainOf(scope: Construct, stage: Stage, { deployment }: EnverSection, name: string): Domain {
  const zoneName = `${stage}.${deployment.domain}`;
  const id = new CfnParameter(scope, 'HostedZone', {
    type: 'AWS::SSM::Parameter::Value<AWS::Route53::HostedZone::Id>',
    default: hostedZoneParameter(zoneName),
    description: `The id of the hosted zone ${zoneName}`,
  });
  return { name: `${name}.${zoneName}`, zoneName, zone: id.valueAsString };
}

/** The certificate, the name and the record by which the API answers there. */
export function makeDomain(scope: Construct, api: CfnApi, stage: CfnStage, { name, zone }: Domain): void {
  const certificate = new CfnCertificate(scope, 'Certificate', {
    domainName: name,
    validationMethod: 'DNS',
    domainValidationOptions: [{ domainName: name, hostedZoneId: zone }],
  });
  const domain = new CfnDomainName(scope, 'Domain', {
    domainName: name,
    domainNameConfigurations: [
      { certificateArn: certificate.ref, endpointType: 'REGIONAL', securityPolicy: 'TLS_1_2', ipAddressType: 'dualstack' },
    ],
  });
  new CfnApiMapping(scope, 'DomainMapping', { apiId: api.ref, domainName: domain.ref, stage: stage.ref });
  for (const type of ['A', 'AAAA']) {
    new CfnRecordSet(scope, `DomainRecord${type}`, {
      hostedZoneId: zone,
      name,
      type,
      aliasTarget: { dnsName: domain.attrRegionalDomainName, hostedZoneId: domain.attrRegionalHostedZoneId },
    });
  }
}

/** Where an API answers that has no domain. */
export const endpointOf = (api: CfnApi): string =>
  `https://${api.ref}.execute-api.${Stack.of(api).region}.amazonaws.com`;
