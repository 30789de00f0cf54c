// Every flow of the use cases has its state machine in the envers that run them, and one runs all of them.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import vm from 'node:vm';
import { makeConstellation, newApp } from '../constellation.js';
import { everyFlow } from '../every-flow.js';
import { forwarding } from '../forwarding.js';
import type { Stage } from '../manifest.js';
import { assembly, left, ofType, promoted, published, template, text } from './synthesised.js';

const generated = readdirSync(fileURLToPath(new URL('../../../../bdd/state-machines', import.meta.url)));
const MAILS = ['uc1-invitations', 'uc1-passwords'];
const ids = generated.map((file) => file.replace('.asl.json', '')).filter((id) => !MAILS.includes(id)).sort();
const STAGES = ['mock', 'dev'] as const;
const machines = (stage: Stage): any[] =>
  ofType(template(`flows--${stage}`).Resources, 'AWS::StepFunctions::StateMachine').map(([, { Properties }]) => Properties);
const role = (stage: Stage, id: string): any[] => {
  const [, found] = ofType(template(`flows--${stage}`).Resources, 'AWS::IAM::Role').find(([name]) => name.startsWith(id)) ?? [];
  return found?.Properties.Policies[0].PolicyDocument.Statement;
};

describe('the flows of an enver', () => {
  for (const stage of STAGES) {
    test(`${stage}: a flow that reads mails is left out, and says so`, () => {
      assert.deepEqual(published.envers[stage]!.flowsLeftOut.map(({ id }) => id), MAILS);
      for (const id of MAILS) assert.ok(left.some((told) => told.startsWith(`${id}: it reads a mail`)), id);
    });

    test(`${stage}: a state machine for each other flow that is generated, of the definition in the bucket, and no other`, () => {
      const found = machines(stage).filter(({ DefinitionS3Location }) => DefinitionS3Location !== undefined);
      const flows = published.envers[stage]!.flows;
      assert.deepEqual(found.map(({ StateMachineName }) => StateMachineName).sort(), ids.map((id) => `enver-${stage}-${id}`));
      const keys = found.map(({ DefinitionS3Location }) => DefinitionS3Location.Key);
      assert.deepEqual(keys.sort(), flows.map(({ id, digest }) => `flows/${id}/${digest}.asl.json`).sort());
    });

    test(`${stage}: one state machine runs each of them, and may start no other`, () => {
      const [whole, ...more] = machines(stage).filter(({ DefinitionS3Location }) => DefinitionS3Location === undefined);
      assert.deepEqual(more, []);
      const told: { flow: string; machine: string }[] = JSON.parse(text(whole.DefinitionString)).States.Flows.Result;
      assert.deepEqual(told.map(({ flow }) => flow).sort(), ids);
      const started = role(stage, 'EveryFlowRole').find(({ Action }) => Action === 'states:StartExecution').Resource;
      assert.deepEqual(started.map(text).sort(), told.map(({ machine }) => machine).sort());
    });

    test(`${stage}: flows ask their own enver and nothing else, with the methods of its operations`, () => {
      const statements = role(stage, 'FlowsRole');
      const { Condition, Resource } = statements.find(({ Action }) => Action === 'states:InvokeHTTPEndpoint');
      assert.deepEqual(Condition.StringLike, { 'states:HTTPEndpoint': `https://all.${stage}.enver.example/*` });
      assert.deepEqual(Condition.StringEquals, { 'states:HTTPMethod': ['DELETE', 'GET', 'POST', 'PUT'] });
      assert.deepEqual(Resource.map(text).map((arn: string) => arn.split(':').pop()).sort(), ids.map((id) => `enver-${stage}-${id}`));
      const resource = (action: string) => text(statements.find(({ Action }) => [Action].flat().includes(action)).Resource);
      assert.equal(resource('events:RetrieveConnectionCredentials'), 'Connection.Arn');
      assert.equal(resource('secretsmanager:GetSecretValue'), 'Connection.SecretArn');
      assert.match(resource('lambda:InvokeFunction'), /^Values.*\.Arn$/);
      const wild = statements.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action as string[]);
      assert.ok(wild.every((action) => /^(logs|xray):/.test(action)), 'AWS knows resources for all others');
    });

    test(`${stage}: what they cannot compute a function computes, of the build that is named, which reads one item and writes its log`, () => {
      const { Resources: resources, Parameters: parameters } = template(`flows--${stage}`);
      const found = ofType(resources, 'AWS::Lambda::Function').filter(([, { Properties }]) => Properties.Handler === 'flows::values');
      const [[id, { Properties: values }] = ['', { Properties: {} }], ...more] = found;
      assert.deepEqual(more, []);
      const { memoryMegabytes, timeoutSeconds } = published.envers[stage]!.deployment.function;
      assert.deepEqual([values.Architectures, values.MemorySize, values.Timeout], [['arm64'], memoryMegabytes, 2 * timeoutSeconds]);
      const bucket = machines(stage).find(({ DefinitionS3Location }) => DefinitionS3Location !== undefined).DefinitionS3Location.Bucket;
      assert.deepEqual([text(values.Code.S3Bucket), text(values.Code.S3Key)], [bucket, 'code/values/CodeDigest.zip']);
      assert.ok(parameters['CodeDigest'] !== undefined);
      // Signed requests go where this leads.
      assert.equal(values.Environment.Variables.CONFIG_SERVICE_URL, `https://all.${stage}.enver.example`);
      const may = role(stage, text(values.Role).split('.')[0] ?? '').map(({ Action, Resource }) => [[Action].flat().join(), text(Resource).split(':').slice(5).join(':')]);
      assert.deepEqual(may, [
        ['dynamodb:GetItem', `table/${published.envers[stage]!.platformTable}`],
        ['logs:CreateLogStream,logs:PutLogEvents', `log-group:/enver/${stage}/flows:log-stream:*`],
      ]);
      const invoking = Object.values(resources).filter(({ Type, Properties }) => Type !== 'AWS::StepFunctions::StateMachine' && JSON.stringify(Properties).includes(id));
      assert.deepEqual(invoking.map(({ Type, Properties }) => [Type, Properties.Description]), [['AWS::IAM::Role', `Lets flows ask the services of ${stage}`]]);
    });

    test(`${stage}: a recorded build of it runs without being named`, () => {
      const app = newApp();
      const values = { digest: 'ab'.repeat(32), architecture: 'x86_64' } as const;
      makeConstellation(app, { envers: { [stage]: { ...promoted.envers[stage]!, values } } }, stage);
      const made = app.synth().getStackByName(`flows--${stage}`).template;
      const [, { Properties }] = ofType(made.Resources, 'AWS::Lambda::Function').find(([, { Properties }]) => Properties.Handler === 'flows::values')!;
      assert.deepEqual([Properties.Code.S3Key, Properties.Architectures], [`code/values/${values.digest}.zip`, ['x86_64']]);
      assert.equal(made.Parameters?.CodeDigest, undefined);
    });

    test(`${stage}: they are deployed after every service`, () => {
      const after = assembly.getStackByName(`flows--${stage}`).dependencies.map(({ id }) => id.replace('.assets', ''));
      for (const { enver } of Object.values(promoted.envers[stage]!.services)) assert.ok(after.includes(enver!.stack));
    });

    test(`${stage}: every execution is logged, without the password that it was told, and traced`, () => {
      for (const { LoggingConfiguration, TracingConfiguration } of machines(stage)) {
        assert.deepEqual([LoggingConfiguration.Level, LoggingConfiguration.IncludeExecutionData], ['ALL', false]);
        assert.equal(TracingConfiguration.Enabled, true);
      }
    });
  }

  test('an emulator is given none', () => {
    const app = newApp();
    const dev = promoted.envers.dev!;
    makeConstellation(app, { envers: { dev } }, 'dev', { origins: {} });
    assert.deepEqual(app.synth().stacks.map(({ stackName }) => stackName).filter((name) => name.startsWith('flows')), []);
  });

  test('main runs none, because they leave companies behind', () => {
    assert.deepEqual(published.envers.main!.flows, []);
    assert.equal(published.envers.main!.values, null);
    assert.ok(!assembly.stacks.some(({ stackName }) => stackName === 'flows--main'));
  });
});

describe('the state machine of every flow', () => {
  const told = { baseUrl: 'https://all.dev.enver.example', connectionArn: 'arn:c', enver: 'dev', functions: { values: 'arn:v' } };
  const { States: states } = everyFlow([{ flow: 'one', machine: 'arn:one' }], told) as any;

  test('tells each flow all that its definition reads', () => {
    const { Input: input } = states['Each flow'].ItemProcessor.States.Run.Parameters;
    const known = Object.keys(input).map((name) => name.replace('.$', ''));
    for (const name of ['baseUrl', 'connectionArn', 'run', 'enver', 'platform', 'functions']) assert.ok(known.includes(name), name);
  });

  test('goes on after a flow that failed, and fails in the end with those that did', () => {
    const { Run: run, 'Flow failed': failed } = states['Each flow'].ItemProcessor.States;
    assert.deepEqual(run.Catch, [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Flow failed' }]);
    assert.deepEqual(failed.Parameters, { 'flow.$': '$.flow', 'execution.$': '$.execution', passed: false });
    assert.equal(states['All passed?'].Choices[0].Next, 'Which');
    assert.equal(states.Which.Parameters['failed.$'], '$.results[?(@.passed == false)]');
    assert.deepEqual([states.Why.Next, states.Failed.Type, states.Failed.CausePath], ['Failed', 'Fail', '$.why.text']);
  });
});

describe('the origin of an enver', () => {
  type Handler = (event: object) => Promise<{ statusCode: number; headers: object; cookies: string[]; body: string }>;
  /** The program, and what it asked of whom. */
  const origin = (answer: Response) => {
    const asked: [string, RequestInit][] = [];
    const exports: { handler?: Handler } = {};
    const fetch = async (url: string, init: RequestInit) => (asked.push([url, init]), answer);
    vm.runInNewContext(forwarding({ auth: 'https://auth.dev.enver.example' }), { exports, fetch, Buffer });
    return { handler: exports.handler!, asked };
  };
  const event = { rawPath: '/auth/v1/users', rawQueryString: 'page=2', requestContext: { http: { method: 'PUT' } }, isBase64Encoded: false };

  test('passes a call on to the service of its path, with the header fields that a task may not send', async () => {
    const answered = new Response('{"ok":true}', { status: 201, headers: { etag: '"2"', 'set-cookie': 'a=b' } });
    const { handler, asked } = origin(answered);
    const headers = { host: 'all.dev.enver.example', 'x-passed-authorization': 'Bearer t', 'x-passed-if-match': '"1"', 'x-forwarded-for': '1.2.3.4' };
    const { statusCode, headers: fields, cookies, body } = await handler({ ...event, headers, body: '{}' });
    const [[url, { method, headers: sent }] = ['', {}]] = asked;
    assert.deepEqual([url, method], ['https://auth.dev.enver.example/auth/v1/users?page=2', 'PUT']);
    assert.deepEqual({ ...sent }, { authorization: 'Bearer t', 'if-match': '"1"' });
    assert.deepEqual([statusCode, (fields as any).etag, cookies.join(), Buffer.from(body, 'base64').toString()], [201, '"2"', 'a=b', '{"ok":true}']);
  });

  test('knows nobody else', async () => {
    const { handler, asked } = origin(new Response());
    for (const rawPath of ['/', '/other/v1', '/constructor/v1', '//example.com/auth']) {
      assert.equal((await handler({ ...event, rawPath, headers: {} })).statusCode, 404, rawPath);
    }
    assert.deepEqual(asked, []);
  });
});
