// MiniStack as a process of this one: on a free port, in a folder of its own, and gone when this process is gone.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmulatorError } from './aws.js';

export class MiniStack {
  readonly endpoint: string;
  private readonly guard: ChildProcess;
  private readonly log: string;

  private constructor(endpoint: string, guard: ChildProcess, log: string) {
    this.endpoint = endpoint;
    this.guard = guard;
    this.log = log;
  }

  /** Starts it with everything it writes in `folder`. `tools` is the repository's `.tools`. */
  static async start(tools: string, folder: string, account: string, region: string): Promise<MiniStack> {
    const program = join(tools, 'ministack/bin/ministack');
    if (!existsSync(program)) throw new EmulatorError(`${program} is missing: run .ci/tools infrastructure`);
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const log = join(folder, 'ministack.log');
    const guard = spawn('sh', ['-c', GUARD, program, log], {
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        TMPDIR: folder,
        GATEWAY_PORT: String(port),
        BIND_HOST: '127.0.0.1',
        // Callers of an API sign nothing, so it has to know whose APIs they are.
        MINISTACK_ACCOUNT_ID: account,
        MINISTACK_REGION: region,
        // Functions inherit it, and call back here.
        AWS_ENDPOINT_URL: endpoint,
      },
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    const started = new MiniStack(endpoint, guard, log);
    await started.ready();
    return started;
  }

  /** Ends it and the functions it runs. */
  async stop(): Promise<void> {
    const ended = new Promise((exited) => this.guard.once('exit', exited));
    this.guard.stdin?.end();
    await ended;
  }

  /** The end of what it said. */
  told(): string {
    return readFileSync(this.log, 'utf8').split('\n').slice(-40).join('\n');
  }

  private async ready(): Promise<void> {
    const LONGEST_MILLIS = 300_000;
    const POLL_MILLIS = 50;
    const end = Date.now() + LONGEST_MILLIS;
    while (Date.now() < end) {
      const health = await fetch(`${this.endpoint}/_ministack/health`, { headers: { connection: 'close' } }).catch(() => undefined);
      if (health?.ok) return;
      await sleep(POLL_MILLIS);
    }
    const told = this.told();
    await this.stop();
    throw new EmulatorError(`MiniStack did not start:\n${told}`);
  }
}

/**
 * Runs MiniStack in a process group with the functions it starts, and ends the group when its own input ends: at the
 * latest with this process, however that ends.
 */
const GUARD = '"$0" >"$1" 2>&1 </dev/null & cat >/dev/null; kill -KILL -$$';

async function freePort(): Promise<number> {
  const socket = createServer();
  await new Promise<void>((listening) => socket.listen(0, '127.0.0.1', listening));
  const { port } = socket.address() as AddressInfo;
  await new Promise((closed) => socket.close(closed));
  return port;
}
