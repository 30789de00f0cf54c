// What belongs to an enver and to no service: the platform's table, the bucket of documents and builds, the topic of alarms.

import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CfnParameter as Parameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledged.js';
import type { EnverSection, Stage } from './manifest.js';
import { accessLogBucketName, alarmTopicName, artifactBucketName, logicalId } from './names.js';
import { table } from './table.js';

export interface PlatformProps extends StackProps {
  readonly stage: Stage;
  readonly section: EnverSection;
  readonly account: string;
}

export class PlatformStack extends Stack {
  readonly platformTable: CfnTable;

  constructor(scope: Construct, id: string, { stage, section, account, ...props }: PlatformProps) {
    super(scope, id, { description: `What the services of ${stage} have in common`, ...props });
    const keep = stage === 'main' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.platformTable = table(this, 'Table', { name: section.platformTable, section, stream: false, keep });

    const key = new Key(this, 'Key', { description: `Documents, builds and alarms of ${stage}`, enableKeyRotation: true, removalPolicy: keep });
    const logs = new Bucket(this, 'AccessLogs', {
      bucketName: accessLogBucketName(stage, account),
      // The service that delivers access logs writes to no bucket with a key of ours.
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      removalPolicy: keep,
    });
    acknowledge(logs, { id: 'AwsSolutions-S1', reason: 'This is where access logs go; logging it into itself would never end.' });
    const artifacts = new Bucket(this, 'Artifacts', {
      bucketName: artifactBucketName(stage, account),
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      // A document is shared with its version, so that it never changes under a reader.
      versioned: true,
      serverAccessLogsBucket: logs,
      serverAccessLogsPrefix: 'artifacts/',
      removalPolicy: keep,
    });
    for (const service of Object.values(section.services)) {
      if (service.enver === null) continue;
      const { build, artifactBucketParameter } = service.enver;
      new Parameter(this, `ArtifactsOf${logicalId(build)}`, {
        type: 'String',
        name: artifactBucketParameter,
        value: artifacts.bucketName,
        description: `Where the documents of ${build} are`,
      });
    }

    const topic = new Topic(this, 'Alarms', { topicName: alarmTopicName(stage), masterKey: key, enforceSSL: true });
    const alarms = new ServicePrincipal('cloudwatch.amazonaws.com');
    topic.grantPublish(alarms);
    // In the policy of a key the resource is the key itself, however it is written.
    key.addToResourcePolicy(
      new PolicyStatement({ principals: [alarms], actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: ['*'] }),
    );
    new CfnOutput(this, 'ArtifactBucket', { value: artifacts.bucketName, description: 'Where documents and builds go before a service is deployed' });
    new CfnOutput(this, 'AlarmTopic', { value: topic.topicArn, description: 'Subscribe whoever is to be called' });
  }
}
