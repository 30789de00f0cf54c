// All stacks of an enver, each after those it reads from.

import { App, type AppProps, BootstraplessSynthesizer, CliCredentialsStackSynthesizer, Tags } from 'aws-cdk-lib';
import { FlowsStack } from './flows-stack.js';
import type { Manifest, Stage } from './manifest.js';
import { artifactBucketName } from './names.js';
import { PlatformStack } from './platform-stack.js';
import { type Local, ServiceStack } from './service-stack.js';

/** An app with the choices that later versions of the CDK make by themselves. */
export function newApp({ context, ...props }: AppProps = {}): App {
  const choices = { '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true };
  return new App({ analyticsReporting: false, context: { ...choices, ...context }, ...props });
}

/** Nothing has to be bootstrapped: what is too large to be sent is put beside the builds. */
const beside = (stage: Stage, account: string) => ({
  fileAssetsBucketName: artifactBucketName(stage, account),
  bucketPrefix: 'templates/',
});

/** Resources that take no tags in every region. */
const UNTAGGED = ['AWS::CloudWatch::Dashboard'];

/** Makes the stacks of an enver, and says which services and flows are left out and why. */
export function makeConstellation(app: App, manifest: Manifest, stage: Stage, local?: Local): string[] {
  const section = manifest.envers[stage];
  if (section === undefined) return [`${stage}: nothing is published for it`];
  const left: string[] = [];
  const stacks = new Map<string, ServiceStack>();
  let platform: PlatformStack | undefined;
  for (const [service, facts] of Object.entries(section.services)) {
    const { enver } = facts;
    if (enver === null) {
      left.push(`${service}: contracts/src/builds declares no ${stage} enver of it`);
      continue;
    }
    if (stage === 'main' && facts.code === null) {
      left.push(`${service}: main runs what dev ran, and nothing was promoted: \`enver promote ${service} --from dev --to main\``);
      continue;
    }
    const env = { account: enver.accountId, region: enver.region };
    platform ??= new PlatformStack(app, `platform--${stage}`, {
      stage,
      section,
      account: enver.accountId,
      env,
      synthesizer: new BootstraplessSynthesizer(),
      terminationProtection: stage === 'main',
    });
    const stack = new ServiceStack(app, enver.stack, {
      stage,
      service,
      facts,
      enver,
      section,
      local,
      env,
      synthesizer: new CliCredentialsStackSynthesizer(beside(stage, enver.accountId)),
      terminationProtection: stage === 'main',
    });
    stack.addStackDependency(platform, 'The table, the bucket of builds and the topic of alarms');
    const tag = (key: string, value: string) => Tags.of(stack).add(key, value, { excludeResourceTypes: UNTAGGED });
    tag('enver:stage', stage);
    tag('enver:service', service);
    tag('enver:revision', enver.revision);
    stacks.set(enver.stack, stack);
  }
  for (const facts of Object.values(section.services)) {
    const own = facts.enver === null ? undefined : stacks.get(facts.enver.stack);
    for (const { from, required, name } of facts.enver?.reads ?? []) {
      const upstream = from === null ? undefined : stacks.get(from);
      const atDeployment = required || name === 'configApiBaseUrl';
      if (own !== undefined && upstream !== undefined && atDeployment) own.addStackDependency(upstream, `It shares ${name}`);
    }
  }
  const [first] = stacks.values();
  // An emulator has no domains and no task that sends requests; main has no flows.
  if (first !== undefined && local === undefined && section.flows.length > 0) {
    const { account, region } = first;
    const synthesizer = new CliCredentialsStackSynthesizer(beside(stage, account));
    const flows = new FlowsStack(app, `flows--${stage}`, { stage, section, account, env: { account, region }, synthesizer });
    for (const stack of stacks.values()) flows.addStackDependency(stack, 'Flows ask it');
    for (const { id, why } of section.flowsLeftOut) left.push(`${id}: ${why}`);
  }
  return left;
}
