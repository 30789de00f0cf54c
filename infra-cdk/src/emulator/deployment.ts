// An enver on the emulator: its platform, its documents and builds, and then each service after those it reads from.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { makeConstellation, newApp } from '../constellation.js';
import type { EnverSection, Stage } from '../manifest.js';
import { artifactBucketName, codeKey, logicalId } from '../names.js';
import type { Aws } from './aws.js';
import { EmulatorError } from './aws.js';
import type { Domains } from './domains.js';
import { forEmulator } from './lacking.js';
import type { Mailbox } from './messages.js';

/** What is deployed, and with what. */
export interface Plan {
  readonly stage: Stage;
  readonly section: EnverSection;
  /** The root of the repository. */
  readonly root: string;
  /** The folder with <service>.zip. */
  readonly zips: string;
  /** The program `enver`, which uploads documents. */
  readonly program: string;
  /** Where templates go. */
  readonly folder: string;
}

export class Deployment {
  private readonly plan: Plan;
  private readonly aws: Aws;
  private readonly domains: Domains;
  private readonly mailbox: Mailbox;
  private readonly bucket: string;
  private readonly account: string;
  private readonly deployed: string[] = [];
  /** Those of the enver, each after those it depends on. */
  private readonly stacks: readonly CloudFormationStackArtifact[];

  constructor(plan: Plan, aws: Aws, domains: Domains, mailbox: Mailbox) {
    this.plan = plan;
    this.aws = aws;
    this.domains = domains;
    this.mailbox = mailbox;
    this.account = accountOf(plan.section).account;
    this.bucket = artifactBucketName(plan.stage, this.account);
    const { stage, section, folder } = plan;
    const origins = Object.fromEntries(Object.keys(section.services).map((service) => [service, domains.origin]));
    const context = { architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64' };
    const app = newApp({ outdir: join(folder, 'cdk.out'), context });
    const left = makeConstellation(app, { envers: { [stage]: section } }, stage, { origins });
    if (left.length > 0) throw new EmulatorError(`${stage} is not whole:\n${left.join('\n')}`);
    this.stacks = app.synth().stacks;
  }

  /** Deploys what the zips hold now; again, it is the next version. */
  async deploy(zips: string): Promise<void> {
    const { section } = this.plan;
    let documents = new Map<string, string>();
    for (const { stackName, templateFullPath } of this.stacks) {
      const begun = Date.now();
      const template = forEmulator(readFileSync(templateFullPath, 'utf8'));
      const found = Object.entries(section.services).find(([, { enver }]) => enver?.stack === stackName);
      if (found === undefined) {
        await this.aws.deploy(stackName, { TemplateBody: template }, {});
        documents = await this.documents();
      } else {
        const [service, facts] = found;
        const zip = zipOf(zips, service);
        const digest = createHash('sha256').update(zip).digest('hex');
        await this.aws.rest('s3', 'PUT', `/${this.bucket}/${codeKey(service, digest)}`, zip);
        const shared = (facts.enver?.shares ?? []).filter(({ document }) => document);
        const parameters = shared.map(({ producer }) => [`${logicalId(producer)}Document`, documents.get(producer) ?? '']);
        // A large template cannot be sent; the command line of the CDK puts it there too.
        await this.aws.rest('s3', 'PUT', `/${this.bucket}/templates/${stackName}.json`, template);
        const place = { TemplateURL: `${this.aws.endpoint}/${this.bucket}/templates/${stackName}.json` };
        const outputs = await this.aws.deploy(stackName, place, {
          ...Object.fromEntries(parameters),
          CodeDigest: digest,
        });
        this.domains.route(service, outputs['ApiId'] ?? '');
        await this.mailbox.subscribe(facts, section);
      }
      if (!this.deployed.includes(stackName)) this.deployed.push(stackName);
      console.log(`${stackName} is deployed (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
    }
  }

  /** Destroys the stacks, the last one first. A bucket goes only when it is empty, so its objects go before. */
  async destroy(): Promise<void> {
    await this.empty(this.bucket);
    for (const stack of [...this.deployed].reverse()) await this.aws.destroy(stack);
  }

  /** Deletes every version of every object. */
  private async empty(bucket: string): Promise<void> {
    const listed = await this.aws.rest('s3', 'GET', `/${bucket}?versions`);
    const versions = listed.matchAll(/<(?:Version|DeleteMarker)>.*?<\/(?:Version|DeleteMarker)>/gs);
    for (const [version] of versions) {
      const [, key = ''] = /<Key>([^<]*)</.exec(version) ?? [];
      const [, id = ''] = /<VersionId>([^<]*)</.exec(version) ?? [];
      await this.aws.rest('s3', 'DELETE', `/${bucket}/${key}?versionId=${encodeURIComponent(id)}`);
    }
  }

  /** Uploads what is published, and says for each producer where its document is. */
  private async documents(): Promise<Map<string, string>> {
    const { program, root, stage } = this.plan;
    const upload = ['publish', '--enver', stage, '--upload', this.bucket, '--account', this.account];
    const env = { PATH: process.env['PATH'], ...this.aws.environment };
    const options = { cwd: root, env, maxBuffer: 1 << 26 };
    const { stdout } = await promisify(execFile)(program, [...upload, '--endpoint-url', this.aws.endpoint], options);
    const lines = stdout.trim().split('\n').map((line) => line.split(' '));
    return new Map(lines.map(([producer = '', place = '']) => [producer, place]));
  }
}

/** The build of a service. */
export function zipOf(zips: string, service: string): Buffer {
  const file = join(zips, `${service}.zip`);
  try {
    return readFileSync(file);
  } catch (error) {
    throw new EmulatorError(`${file} cannot be read (${(error as Error).message}): enver build lambda --out ${zips} writes it`);
  }
}

/** Whose account and which region an enver is in. */
export function accountOf(section: EnverSection): { account: string; region: string } {
  const enver = Object.values(section.services).find(({ enver }) => enver !== null)?.enver;
  if (!enver) throw new EmulatorError('no service is declared for this enver: contracts/src/builds');
  return { account: enver.accountId, region: enver.region };
}
