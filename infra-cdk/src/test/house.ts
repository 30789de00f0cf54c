// What holds for every enver: how data is kept, that envers differ in infrastructure only, and how main changes.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import { makeConstellation, newApp } from '../constellation.js';
import { type Stage, STAGES, checked, digestOf } from '../manifest.js';
import { DIGEST, assembly, left, ofType, promoted, published, services, template, text } from './synthesised.js';

const whole = STAGES.flatMap((stage) => [
  ...Object.entries(template(`platform--${stage}`).Resources),
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
    assert.deepEqual(left, []);
    const main = promoted.envers.main!;
    const services = Object.fromEntries(Object.entries(main.services).map(([name, service]) => [name, { ...service, code: null }]));
    const told = makeConstellation(newApp(), { envers: { main: { ...main, services } } }, 'main');
    assert.equal(told.length, Object.keys(services).length);
    assert.match(told[0] ?? '', /enver promote auth --from dev --to main/);
  });

  test('every function of main that answers begins with a part of the calls, and an alarm takes it back', () => {
    for (const { resources } of services.filter(({ stage }) => stage === 'main')) {
      const answering = ofType(resources, 'AWS::Lambda::Function').filter(([, { Properties }]) => !/::(relay|prepare)$/.test(Properties.Handler));
      const groups = ofType(resources, 'AWS::CodeDeploy::DeploymentGroup');
      assert.equal(groups.length, answering.length);
      for (const [, { Properties }] of groups) {
        assert.equal(Properties.AlarmConfiguration.Alarms.length, 2);
        assert.ok(Properties.AutoRollbackConfiguration.Events.includes('DEPLOYMENT_STOP_ON_ALARM'));
      }
      const [[, config] = []] = ofType(resources, 'AWS::CodeDeploy::DeploymentConfig');
      const { canary } = published.envers.main!.deployment;
      assert.deepEqual(config?.Properties.TrafficRoutingConfig.TimeBasedCanary, { CanaryPercentage: canary.percent, CanaryInterval: canary.minutes });
    }
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

  test('that is something else is refused', () => {
    for (const document of [null, [], {}, { envers: [] }, stamped({ envers: { test: {} } })]) {
      assert.throws(() => checked(document, 'manifest.json'), /manifest\.json: .*enver publish/);
    }
  });
});

test('cfn-lint finds nothing in the templates of main, which have all that the others have', () => {
  const lint = fileURLToPath(new URL('../../../../.tools/cfn/bin/cfn-lint', import.meta.url));
  assert.ok(existsSync(lint), `${lint} is missing: run .ci/tools infrastructure`);
  // auth is left to `npm run lint`: it differs from booking in the number of its operations, and takes a minute.
  const stacks = ['platform--main', 'configuration--main', 'booking--main'].map((name) => assembly.getStackByName(name));
  const templates = stacks.map((stack) => stack.templateFullPath);
  // W3005: the CDK writes a DependsOn beside a reference that says the same.
  const options = ['--ignore-checks', 'W3005', '--non-zero-exit-code', 'informational', '--'];
  const { status, stdout, stderr } = spawnSync(lint, [...options, ...templates], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
});
