// What holds for every enver: how data is kept, that envers differ in infrastructure only, and how main changes.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import { makeConstellation, newApp } from '../constellation.js';
import { type Stage, STAGES, checked, digestOf } from '../manifest.js';
import { DIGEST, type Resources, assembly, handlerOf, left, ofType, promoted, published, services, template, text } from './synthesised.js';

const whole = STAGES.flatMap((stage) => [
  ...Object.entries(template(`platform--${stage}`).Resources),
  ...(stage === 'main' ? [] : Object.entries(template(`flows--${stage}`).Resources)),
  ...services.filter((deployed) => deployed.stage === stage).flatMap(({ resources }) => Object.entries(resources)),
]);
const all = (type: string): [string, any][] => whole.filter(([, { Type }]) => Type === type).map(([id, { Properties }]) => [id, Properties]);

describe('every enver', () => {
  test('tables keep every moment of the last weeks, forget what has expired, and cost what is used', () => {
    assert.equal(all('AWS::DynamoDB::Table').length, services.length + STAGES.length);
    for (const [, table] of all('AWS::DynamoDB::Table')) {
      assert.equal(table.BillingMode, 'PAY_PER_REQUEST');
      assert.equal(table.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled, true);
      assert.deepEqual(table.TimeToLiveSpecification, { AttributeName: 'expiresAt', Enabled: true });
      assert.deepEqual(table.GlobalSecondaryIndexes.map((index: any) => index.IndexName), ['gsi1', 'gsi2', 'outbox']);
    }
  });

  test('a table is streamed where its service emits events', () => {
    for (const { service, resources } of services) {
      const [, table] = ofType(resources, 'AWS::DynamoDB::Table')[0] ?? [];
      const emits = service.operations.some((operation) => operation.emits.length > 0);
      assert.equal(table?.Properties.StreamSpecification !== undefined, emits, service.table);
    }
  });

  test('buckets keep versions, are closed to the public, and hold documents under a key of ours', () => {
    for (const [id, bucket] of all('AWS::S3::Bucket')) {
      assert.deepEqual(bucket.VersioningConfiguration, { Status: 'Enabled' });
      assert.deepEqual(new Set(Object.values(bucket.PublicAccessBlockConfiguration)), new Set([true]));
      const [rule] = bucket.BucketEncryption.ServerSideEncryptionConfiguration;
      const logs = id.startsWith('AccessLogs');
      assert.equal(rule.ServerSideEncryptionByDefault.SSEAlgorithm, logs ? 'AES256' : 'aws:kms');
    }
  });

  test('logs end, at the age that the configuration says', () => {
    for (const [, group] of all('AWS::Logs::LogGroup')) assert.equal(group.RetentionInDays, published.envers.dev?.deployment.logRetentionDays);
  });

  test('alarms have the thresholds of the configuration, and call somebody', () => {
    const alarms = all('AWS::CloudWatch::Alarm');
    const { faultsIn5Minutes, latencyP99Millis, oldestMessageSeconds } = published.envers.dev!.deployment.alarms;
    const threshold = (name: string) => alarms.find(([, alarm]) => alarm.AlarmName === name)?.[1].Threshold;
    assert.equal(threshold('enver-dev-booking-Faults'), faultsIn5Minutes);
    assert.equal(threshold('enver-dev-booking-Latency'), latencyP99Millis);
    assert.equal(threshold('enver-dev-booking-BookingEventsWaiting'), oldestMessageSeconds);
    assert.equal(threshold('enver-dev-booking-BookingEventsDeadLetters'), 1);
    for (const [, alarm] of alarms) assert.match(text(alarm.AlarmActions[0]), /:enver-(mock|dev|main)-alarms$/);
  });

  test('each service answers under the domain of its enver, with a certificate of that zone', () => {
    for (const { stage, service, resources } of services) {
      const name = `${service.enver?.build}.${stage}.enver.example`;
      const [[, certificate] = []] = ofType(resources, 'AWS::CertificateManager::Certificate');
      assert.deepEqual(certificate?.Properties.DomainValidationOptions, [{ DomainName: name, HostedZoneId: { Ref: 'HostedZone' } }]);
      assert.equal(ofType(resources, 'AWS::Route53::RecordSet').length, 2);
      assert.deepEqual(ofType(resources, 'AWS::ApiGatewayV2::Api')[0]?.[1].Properties.DisableExecuteApiEndpoint, true);
    }
  });

  test('a stack waits for those it reads from', () => {
    const after = (name: string) => assembly.getStackByName(name).dependencies.map(({ id }) => id.replace('.assets', ''));
    assert.ok(after('booking--dev').includes('configuration--dev') && after('booking--dev').includes('auth--dev'));
    assert.ok(after('auth--dev').includes('configuration--dev'));
    assert.ok(!after('configuration--dev').includes('auth--dev'));
  });

  test('no stack comes near what CloudFormation takes: 500 resources, a megabyte', () => {
    for (const stack of assembly.stacks) assert.ok(statSync(stack.templateFullPath).size < 950_000, `${stack.stackName} is too long`);
    for (const { stage, name, resources } of services) {
      assert.ok(Object.keys(resources).length <= 490, `${name} in ${stage} has ${Object.keys(resources).length} of 500: split its stack`);
    }
  });
});

describe('mock, dev and main', () => {
  const CANARY = ['AWS::Lambda::Alias', 'AWS::Lambda::Version', 'AWS::CodeDeploy::Application', 'AWS::CodeDeploy::DeploymentConfig', 'AWS::CodeDeploy::DeploymentGroup'];
  /** What a stack is made of, without the names of its enver and how its main changes. */
  const plain = (stage: Stage, service: string) => {
    const deployed = services.find((one) => one.stage === stage && one.name === service);
    const kept = Object.entries(deployed?.resources ?? {}).filter(([id, { Type }]) => !CANARY.includes(Type) && !id.startsWith('CanaryRole'));
    return kept.map(([id, { Type }]) => `${id} ${Type}`).sort();
  };

  test('the same resources stand in each, but for how a version of main begins', () => {
    for (const service of ['auth', 'booking', 'config']) {
      assert.deepEqual(plain('dev', service), plain('mock', service));
      assert.deepEqual(plain('main', service), plain('dev', service));
    }
  });

  test('functions differ in their environment and nothing else', () => {
    const shape = (stage: Stage) =>
      services
        .filter((deployed) => deployed.stage === stage)
        .flatMap(({ resources }) => ofType(resources, 'AWS::Lambda::Function'))
        .map(([id, { Properties: { MemorySize, Timeout, Handler, Runtime, Architectures, ReservedConcurrentExecutions } }]) =>
          JSON.stringify({ id, MemorySize, Timeout, Handler, Runtime, Architectures, ReservedConcurrentExecutions }),
        );
    assert.deepEqual(shape('dev'), shape('mock'));
    assert.deepEqual(shape('main'), shape('dev'));
  });

  test('main runs the promoted build and takes no other', () => {
    for (const { name, resources, service } of services.filter(({ stage }) => stage === 'main')) {
      for (const [, { Properties }] of ofType(resources, 'AWS::Lambda::Function')) {
        assert.equal(Properties.Code.S3Key, `code/${name}/${DIGEST}.zip`);
      }
      assert.equal(template(service.enver!.stack).Parameters['CodeDigest'], undefined);
    }
  });

  test('main without a promoted build is left out, with the command that promotes', () => {
    assert.ok(!left.some((told) => told.includes('promote')), left.join());
    const main = promoted.envers.main!;
    const services = Object.fromEntries(Object.entries(main.services).map(([name, service]) => [name, { ...service, code: null }]));
    const told = makeConstellation(newApp(), { envers: { main: { ...main, services } } }, 'main');
    assert.equal(told.length, Object.keys(services).length);
    assert.match(told[0] ?? '', /enver promote auth --from dev --to main/);
  });

  test('every function of main but the one that prepares begins with a part of the calls, and an alarm takes it back', () => {
    for (const { resources } of services.filter(({ stage }) => stage === 'main')) {
      const beginning = ofType(resources, 'AWS::Lambda::Function').filter(([, { Properties }]) => !/::prepare$/.test(Properties.Handler));
      const groups = ofType(resources, 'AWS::CodeDeploy::DeploymentGroup');
      assert.equal(groups.length, beginning.length);
      for (const [, { Properties }] of groups) {
        assert.ok(Properties.AutoRollbackConfiguration.Events.includes('DEPLOYMENT_STOP_ON_ALARM'));
      }
      const [[, config] = []] = ofType(resources, 'AWS::CodeDeploy::DeploymentConfig');
      const { canary } = published.envers.main!.deployment;
      assert.deepEqual(config?.Properties.TrafficRoutingConfig.TimeBasedCanary, { CanaryPercentage: canary.percent, CanaryInterval: canary.minutes });
    }
  });
});

describe('a new version of main', () => {
  /** The names of the alarms that take back a version of this function. */
  const guards = (resources: Resources, handler: string) => {
    const aliases = ofType(resources, 'AWS::Lambda::Alias').map(([, alias]) => alias);
    const alias = aliases.find(({ Properties }) => handlerOf(resources, Properties.FunctionName) === handler);
    const group = text((alias?.UpdatePolicy as any).CodeDeployLambdaAliasUpdate.DeploymentGroupName);
    const { Alarms } = resources[group]?.Properties.AlarmConfiguration;
    return Alarms.map(({ Name }: any) => resources[text(Name)]?.Properties);
  };
  const main = services.filter(({ stage }) => stage === 'main');

  test('of an operation is taken back by what callers of the API meet', () => {
    for (const { resources, service } of main) {
      for (const { handler } of service.operations) {
        assert.deepEqual(guards(resources, handler).map(({ MetricName }: any) => MetricName), ['5xx', 'Latency'], handler);
      }
    }
  });

  test('of a consumer is taken back by its own errors and dead letters', () => {
    for (const { resources, service } of main) {
      for (const { id, handler, deadLetterQueueName } of service.consumers) {
        const [errors, letters] = guards(resources, handler);
        const of = ({ Dimensions }: any) => resources[text(Dimensions[0].Value).split('.')[0] ?? '']?.Properties;
        assert.deepEqual([errors.MetricName, of(errors).Handler], ['Errors', handler], id);
        assert.deepEqual([letters.MetricName, of(letters).QueueName], ['ApproximateNumberOfMessagesVisible', deadLetterQueueName], id);
      }
    }
  });

  test('of a relay is taken back by its errors', () => {
    for (const { name, resources, service } of main.filter(({ service }) => service.operations.some(({ emits }) => emits.length > 0))) {
      assert.deepEqual(guards(resources, `${name}::relay`).map(({ AlarmName }: any) => AlarmName), [`enver-main-${name}-Relay`], service.table);
    }
  });
});

describe('a consumer with settings of its own', () => {
  const dev = published.envers.dev!;
  const handler = dev.services['booking']!.consumers[0]!.handler;
  /** What is made of booking where its consumer has these settings. */
  const made = (settings: object) => {
    const app = newApp();
    const operations = { ...dev.deployment.operations, [handler]: settings };
    makeConstellation(app, { envers: { dev: { ...dev, deployment: { ...dev.deployment, operations } } } }, 'dev');
    const { Resources: resources } = app.synth().getStackByName('booking--dev').template as { Resources: Resources };
    const [, consumer] = ofType(resources, 'AWS::Lambda::Function').find(([, { Properties }]) => Properties.Handler === handler)!;
    const sources = ofType(resources, 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties);
    const source = sources.find(({ FunctionName }) => handlerOf(resources, FunctionName) === handler);
    const queue = resources[text(source.EventSourceArn).split('.')[0] ?? '']?.Properties;
    return { consumer: consumer.Properties, source, queue };
  };

  test('gets its messages back when its own time-out is over, and no more at once than are reserved for it', () => {
    const { consumer, source, queue } = made({ timeoutSeconds: 200, concurrency: 3 });
    assert.equal(consumer.Timeout, 200);
    assert.equal(queue.VisibilityTimeout, 1200);
    assert.equal(consumer.ReservedConcurrentExecutions, 3);
    assert.equal(source.ScalingConfig.MaximumConcurrency, 3);
  });

  test('runs as many at once as all others do, where only its time-out is its own', () => {
    const { consumer, source } = made({ timeoutSeconds: 200 });
    assert.equal(consumer.ReservedConcurrentExecutions, undefined);
    assert.equal(source.ScalingConfig.MaximumConcurrency, dev.deployment.consumer.concurrency);
  });
});

describe('a manifest', () => {
  const stamped = (content: object) => ({ ...content, 'x-odmd': { kind: 'manifest', digest: digestOf(content) } });

  test('that was edited by hand is refused', () => {
    const { envers } = structuredClone(published);
    assert.doesNotThrow(() => checked(stamped({ envers }), 'manifest.json'));
    const edited = { ...stamped({ envers }), envers: { dev: envers.dev } };
    assert.throws(() => checked(edited, 'manifest.json'), /manifest\.json: it was edited by hand/);
  });

  test('that configures a handler nobody has is refused by its name', () => {
    const { envers } = structuredClone(published) as any;
    envers.dev.deployment.operations['booking::nothing'] = { memoryMegabytes: 512 };
    assert.throws(() => checked(stamped({ envers }), 'manifest.json'), /booking::nothing: no operation has this handler/);
  });

  test('that lets a consumer run less often at once than a queue takes is refused by its name', () => {
    const { envers } = structuredClone(published) as any;
    const { handler } = envers.dev.services.booking.consumers[0];
    envers.dev.deployment.operations[handler] = { concurrency: 1 };
    assert.throws(() => checked(stamped({ envers }), 'manifest.json'), new RegExp(`${handler} runs 1 at once`));
  });

  test('that is something else is refused', () => {
    for (const document of [null, [], {}, { envers: [] }, stamped({ envers: { test: {} } })]) {
      assert.throws(() => checked(document, 'manifest.json'), /manifest\.json: .*enver publish/);
    }
  });
});

test('cfn-lint finds nothing in any template', () => {
  const lint = fileURLToPath(new URL('../../../../.tools/cfn/bin/cfn-lint', import.meta.url));
  assert.ok(existsSync(lint), `${lint} is missing: run .ci/tools infrastructure`);
  const templates = assembly.stacks.map((stack) => stack.templateFullPath);
  // W3005: the CDK writes a DependsOn beside a reference that says the same.
  const options = ['--ignore-checks', 'W3005', '--non-zero-exit-code', 'informational', '--'];
  const { status, stdout, stderr } = spawnSync(lint, [...options, ...templates], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
});
