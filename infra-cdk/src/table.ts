// A table as every service of the platform has it.

import { Fn, type RemovalPolicy } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { EnverSection } from './manifest.js';

export interface TableProps {
  readonly name: string;
  readonly section: EnverSection;
  /** Whether changes are streamed, to wake a relay. */
  readonly stream: boolean;
  readonly keep: RemovalPolicy;
}

export function table(scope: Construct, id: string, { name, section, stream, keep }: TableProps): CfnTable {
  const { partitionKey, sortKey, timeToLive, indexes } = section.tables;
  const keys = (partition: string, sort: string) => [
    { attributeName: partition, keyType: 'HASH' },
    { attributeName: sort, keyType: 'RANGE' },
  ];
  const attributes = new Set([partitionKey, sortKey, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])]);
  const made = new CfnTable(scope, id, {
    tableName: name,
    billingMode: 'PAY_PER_REQUEST',
    keySchema: keys(partitionKey, sortKey),
    attributeDefinitions: [...attributes].map((attributeName) => ({ attributeName, attributeType: 'S' })),
    globalSecondaryIndexes: indexes.map((index) => ({
      indexName: index.name,
      keySchema: keys(index.partitionKey, index.sortKey),
      projection: { projectionType: 'ALL' },
    })),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    timeToLiveSpecification: { attributeName: timeToLive, enabled: true },
    sseSpecification: { sseEnabled: true },
    ...(stream ? { streamSpecification: { streamViewType: 'NEW_IMAGE' } } : {}),
  });
  made.applyRemovalPolicy(keep);
  return made;
}

/** The stream of a table's changes. */
export const streamOf = (made: CfnTable): string => Fn.getAtt(made.logicalId, 'StreamArn').toString();
