// Physical names: each enver's resources carry the enver in their name, so that one account can hold several.

import { createHash } from 'node:crypto';
import type { Stage } from './manifest.js';

const LONGEST_FUNCTION_NAME = 64;

/** The name of a function: `enver-dev-booking-create_booking`, shortened with a digest where it is too long. */
export function functionName(stage: Stage, handler: string): string {
  const whole = `enver-${stage}-${handler.replace('::', '-')}`;
  if (whole.length <= LONGEST_FUNCTION_NAME) return whole;
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, 8);
  return `${whole.slice(0, LONGEST_FUNCTION_NAME - digest.length - 1)}-${digest}`;
}

/** Where the functions of a service write their logs. */
export const logGroupName = (stage: Stage, service: string): string => `/enver/${stage}/${service}`;

/** Where the calls of a service's API are logged. */
export const accessLogGroupName = (stage: Stage, service: string): string => `/enver/${stage}/${service}/access`;

/** The bucket of an enver's documents and builds. */
export const artifactBucketName = (stage: Stage, account: string): string => `enver-${stage}-artifacts-${account}`;

/** The bucket of who read and wrote it. */
export const accessLogBucketName = (stage: Stage, account: string): string => `enver-${stage}-access-logs-${account}`;

/** The topic that alarms are sent to. */
export const alarmTopicName = (stage: Stage): string => `enver-${stage}-alarms`;

/** The object of a build in the artifact bucket. */
export const codeKey = (service: string, digest: string): string => `code/${service}/${digest}.zip`;

/** The state machine of a flow. */
export const flowName = (stage: Stage, flow: string): string => `enver-${stage}-${flow}`;

/** The object of a flow's definition in the artifact bucket. */
export const flowKey = (flow: string, digest: string): string => `flows/${flow}/${digest}.asl.json`;

/** Where state machines write their logs: below the prefix whose groups need no line of the account's one policy each. */
export const flowLogGroupName = (stage: Stage): string => `/aws/vendedlogs/states/enver-${stage}-flows`;

/** The parameter that holds the id of a hosted zone. */
export const hostedZoneParameter = (zone: string): string => `/odmd-config/hostedZones/${zone}`;

/** A logical id from a name: letters and digits, each part with a capital. */
export function logicalId(name: string): string {
  const parts = name.split(/[^A-Za-z0-9]+/).filter((part) => part !== '');
  return parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
}
