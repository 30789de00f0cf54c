// Findings of cdk-nag that are as they should be, each with its reason. What is not listed here fails the build.

import { type CfnResource, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

type Finding = { readonly id: string; readonly reason: string };

export function acknowledge(construct: IConstruct, ...findings: readonly Finding[]): void {
  Validations.of(construct).acknowledge(...findings);
}

/** For cfn-lint, which reads what it may overlook from a resource's metadata. */
export function overlook(resource: CfnResource, rules: readonly string[], reason: string): void {
  resource.addMetadata('cfn-lint', { config: { ignore_checks: [...rules] }, reason });
}

export const LOG_STREAMS = 'A log stream is made by the Lambda runtime under a name that nobody knows before; the group is named.';
export const EXECUTIONS = 'An execution has a name that nobody knows before; its state machine is named.';
export const TRACES_AND_DELIVERIES = 'AWS knows no resource for traces and for the delivery of logs.';
export const OBJECTS = 'The objects of a bucket have names that nobody knows before; the bucket is named.';
