// Calls to the emulated AWS, in the few forms that a deployment needs.

import { setTimeout as sleep } from 'node:timers/promises';

/** What the emulator refused or could not do. */
export class EmulatorError extends Error {}

export type StackParameters = Readonly<Record<string, string>>;

/** A template itself, or where it is. */
export type Template = { readonly TemplateBody: string } | { readonly TemplateURL: string };

/** An AWS at an endpoint. It verifies no signature, so a call says only whose account and which region it is about. */
export class Aws {
  readonly endpoint: string;
  private readonly account: string;
  private readonly region: string;

  constructor(endpoint: string, account: string, region: string) {
    this.endpoint = endpoint;
    this.account = account;
    this.region = region;
  }

  /** The environment in which other programs find it. */
  get environment(): Record<string, string> {
    return {
      // The emulator takes an access key of twelve digits for the account.
      AWS_ACCESS_KEY_ID: this.account,
      // enver:allow(hardcoded-secret) The emulator takes any.
      AWS_SECRET_ACCESS_KEY: 'any',
      AWS_REGION: this.region,
      AWS_ENDPOINT_URL: this.endpoint,
    };
  }

  /** A call of a service that speaks JSON: `target` is `DynamoDB_20120810.ListTables`. */
  async json(service: string, target: string, body: object = {}): Promise<any> {
    const headers = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' };
    return JSON.parse(await this.send(service, 'POST', '/', headers, JSON.stringify(body)));
  }

  /** A call of a service that speaks REST. */
  async rest(service: string, method: string, path: string, body?: Uint8Array | string): Promise<string> {
    return this.send(service, method, path, {}, body);
  }

  /** Creates a stack, or updates it if anything changed, and returns its outputs. */
  async deploy(name: string, template: Template, parameters: StackParameters): Promise<Record<string, string>> {
    const exists = (await this.stacks()).includes(name);
    const given = Object.entries(parameters).flatMap(([key, value], index) => [
      [`Parameters.member.${index + 1}.ParameterKey`, key],
      [`Parameters.member.${index + 1}.ParameterValue`, value],
    ]);
    const asked = this.cloudFormation(exists ? 'UpdateStack' : 'CreateStack', {
      StackName: name,
      ...template,
      'Capabilities.member.1': 'CAPABILITY_IAM',
      ...Object.fromEntries(given),
    });
    const unchanged = await asked.then(
      () => false,
      (error: Error) => {
        if (error.message.includes('No updates are to be performed')) return true;
        throw error;
      },
    );
    const done = exists ? 'UPDATE_COMPLETE' : 'CREATE_COMPLETE';
    const text = await this.settled(name, (text) => unchanged || status(text) === done);
    const outputs = text.matchAll(/<OutputKey>([^<]*)<\/OutputKey>\s*<OutputValue>([^<]*)<\/OutputValue>/g);
    return Object.fromEntries([...outputs].map(([, key, value]) => [key, unescaped(value ?? '')]));
  }

  /** Deletes a stack. */
  async destroy(name: string): Promise<void> {
    await this.cloudFormation('DeleteStack', { StackName: name });
    while ((await this.stacks()).includes(name)) {
      const text = await this.cloudFormation('DescribeStacks', { StackName: name }).catch(() => '');
      if (status(text).endsWith('FAILED')) throw new EmulatorError(await this.failure(name, status(text)));
      await sleep(POLL_MILLIS);
    }
  }

  /** The names of the stacks there are. */
  async stacks(): Promise<string[]> {
    const text = await this.cloudFormation('DescribeStacks', {});
    const all = text.split('<StackName>').slice(1).map((part) => [part.slice(0, part.indexOf('<')), status(part)]);
    return all.filter(([, status]) => status !== 'DELETE_COMPLETE').map(([name]) => name ?? '');
  }

  private async settled(name: string, done: (text: string) => boolean): Promise<string> {
    const end = Date.now() + LONGEST_MILLIS;
    for (;;) {
      const text = await this.cloudFormation('DescribeStacks', { StackName: name });
      if (done(text)) return text;
      if (/FAILED|ROLLBACK/.test(status(text))) throw new EmulatorError(await this.failure(name, status(text)));
      if (Date.now() > end) throw new EmulatorError(`${name} is still ${status(text)} after ${LONGEST_MILLIS / 1000} s`);
      await sleep(POLL_MILLIS);
    }
  }

  private async failure(name: string, status: string): Promise<string> {
    const events = await this.cloudFormation('DescribeStackEvents', { StackName: name });
    const failed = events.split('<member>').filter((event) => /<ResourceStatus>[A-Z_]*FAILED/.test(event));
    const told = failed.map((event) => `  ${field(event, 'LogicalResourceId')}: ${field(event, 'ResourceStatusReason')}`);
    return `${name}: ${status}\n${told.join('\n')}`;
  }

  private async cloudFormation(action: string, parameters: Record<string, string>): Promise<string> {
    const body = new URLSearchParams({ Action: action, Version: '2010-05-15', ...parameters }).toString();
    return this.send('cloudformation', 'POST', '/', { 'content-type': 'application/x-www-form-urlencoded' }, body);
  }

  private async send(service: string, method: string, path: string, headers: Record<string, string>, body?: Uint8Array | string): Promise<string> {
    const scope = `${this.account}/20000101/${this.region}/${service}/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
    const what = headers['x-amz-target'] ?? /Action=\w+/.exec(String(body ?? ''))?.[0] ?? `${method} ${path}`;
    // A connection that is kept may be closed by the other side just when it is used again.
    const fields = { authorization, connection: 'close', ...headers };
    const sent = fetch(this.endpoint + path, { method, headers: fields, body: body ?? null });
    const response = await sent.catch((error: Error) => {
      throw new EmulatorError(`${service} did not answer ${what}: ${error.cause ?? error}`);
    });
    const text = await response.text();
    if (!response.ok) {
      throw new EmulatorError(`${service} answered ${what} with ${response.status}: ${text.slice(0, 500)}`);
    }
    return text;
  }
}

const POLL_MILLIS = 100;
const LONGEST_MILLIS = 300_000;

const field = (text: string, name: string): string => unescaped(new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? '');
const status = (text: string): string => field(text, 'StackStatus');

function unescaped(text: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name] ?? '');
}
