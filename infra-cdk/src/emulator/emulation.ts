// An enver on an emulated AWS, from its start to its end: the emulator, the domains, and the deployment between them.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Aws, EmulatorError } from './aws.js';
import { Deployment, type Plan, accountOf } from './deployment.js';
import { Domains } from './domains.js';
import { Mailbox } from './messages.js';
import { MiniStack } from './ministack.js';
import { firstCalls } from './first-calls.js';
import { leftOvers } from './leftovers.js';
import { configure, startAnew } from './settings.js';

export class Emulation {
  readonly plan: Plan;
  readonly aws: Aws;
  private readonly ministack: MiniStack;
  private readonly mailbox: Mailbox;
  private readonly domains: Domains;
  private readonly deployment: Deployment;

  private constructor(plan: Plan, aws: Aws, ministack: MiniStack, mailbox: Mailbox, domains: Domains) {
    this.plan = plan;
    this.aws = aws;
    this.ministack = ministack;
    this.mailbox = mailbox;
    this.domains = domains;
    this.deployment = new Deployment(plan, aws, domains, mailbox);
  }

  static async start(plan: Plan): Promise<Emulation> {
    const { account, region } = accountOf(plan.section);
    const ministack = await MiniStack.start(join(plan.root, '.tools'), plan.folder, account, region);
    try {
      const aws = new Aws(ministack.endpoint, account, region);
      const mailbox = await Mailbox.open(aws, plan.section);
      const domains = await Domains.listen(ministack.endpoint, (fields) => mailbox.find(fields));
      return new Emulation(plan, aws, ministack, mailbox, domains);
    } catch (error) {
      await ministack.stop();
      throw error;
    }
  }

  /** Where all services answer. */
  get origin(): string {
    return this.domains.origin;
  }

  /** Where the log-in of the platform's administrator is. */
  get platform(): string {
    return join(this.plan.folder, this.plan.stage, 'platform.json');
  }

  /** Deploys these zips; again, they are the next version. */
  async deploy(zips: string): Promise<void> {
    await this.deployment.deploy(zips);
  }

  async makeAdministrator(): Promise<{ platform: string }> {
    const { plan, origin } = this;
    const code = await this.enver(['administrator', plan.stage, '--url', origin, '--data-dir', plan.folder]);
    if (code !== 0) throw new EmulatorError('the platform has no administrator');
    return { platform: this.platform };
  }

  /** Configures the enver for a suite; a forgetful one takes up changes of documents within a second. */
  async configure(forgetful: boolean): Promise<void> {
    await configure(this.origin, this.platform, forgetful);
    await startAnew(this.aws, this.plan.stage, this.plan.section);
  }

  /** Starts every function by a call. */
  async warmUp(): Promise<void> {
    await firstCalls(this.origin, this.plan.section);
  }

  /** Runs `enver`, as somebody who has the credentials of the account. */
  async enver(command: readonly string[]): Promise<number> {
    return this.run(this.plan.program, command);
  }

  /** Runs a command to its end, and says with which code it ended. */
  async run(program: string, command: readonly string[]): Promise<number> {
    const env = { ...process.env, ...this.aws.environment, ENVER_URL: this.origin, ENVER_PLATFORM: this.platform };
    const child = spawn(program, command, { cwd: this.plan.root, env, stdio: ['ignore', 'inherit', 'inherit'] });
    return new Promise((ended, failed) => {
      child.once('error', (error) => failed(new EmulatorError(`${program} could not be started: ${error.message}`)));
      child.once('exit', (code) => ended(code ?? 1));
    });
  }

  /** Destroys the stacks, the last one first, and looks whether anything is left. */
  async destroy(): Promise<void> {
    await this.deployment.destroy();
    await this.mailbox.close();
    const left = await leftOvers(this.aws);
    if (left.length > 0) throw new EmulatorError(`the stacks are destroyed, and this is left:\n  ${left.join('\n  ')}`);
    console.log('destroyed; nothing is left');
  }

  /** Ends the emulator, whatever is in it. */
  async stop(): Promise<void> {
    this.domains.close();
    await this.ministack.stop();
  }

  /** The end of what the emulator said. */
  told(): string {
    return this.ministack.told();
  }
}
