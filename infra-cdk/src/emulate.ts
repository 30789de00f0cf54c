// Deploys dev on an emulated AWS, for `enver emulate`, whose help says what it does and with what it ends.
//
//   node build/src/emulate.js --root DIR --zips DIR --enver-program FILE [--check [--whole] | -- COMMAND…]

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EmulatorError } from './emulator/aws.js';
import { check } from './emulator/check.js';
import { Emulation } from './emulator/emulation.js';
import { ManifestError, readManifest } from './manifest.js';

const STAGE = 'dev';
const FAILED = 1;
const NOT_DONE = 2;

async function main(): Promise<number> {
  const { values, positionals: command } = parseArgs({
    options: {
      root: { type: 'string' },
      zips: { type: 'string' },
      'enver-program': { type: 'string' },
      check: { type: 'boolean', default: false },
      whole: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const { root, zips, 'enver-program': program } = values;
  if (root === undefined || zips === undefined || program === undefined) {
    console.error('this is started by `enver emulate`: give --root, --zips and --enver-program as it does');
    return NOT_DONE;
  }
  const section = readManifest(join(root, 'contracts/published/manifest.json')).envers[STAGE];
  if (section === undefined) throw new ManifestError(`nothing is published for ${STAGE}: run \`enver publish\``);
  const folder = mkdtempSync(join(tmpdir(), 'enver-emulator-'));
  const plan = { stage: STAGE, section, root, zips: resolve(zips), program, folder } as const;
  let emulation: Emulation | undefined;
  const clean = async () => {
    await emulation?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  let interrupted = false;
  const interruption = new Promise<number>((stopped) => {
    const KILLED = { SIGINT: 130, SIGTERM: 143 } as const;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        interrupted = true;
        stopped(KILLED[signal]);
      });
    }
  });
  const work = async (): Promise<number> => {
    emulation = await Emulation.start(plan);
    await emulation.deploy(plan.zips);
    const { platform } = await emulation.makeAdministrator();
    if (values.check) {
      await check(emulation, values.whole);
      return 0;
    }
    let code = 0;
    const [name, ...rest] = command;
    if (name === undefined) {
      console.log(`${STAGE} answers at ${emulation.origin}, its AWS at ${emulation.aws.endpoint}`);
      console.log(`The log-in of the platform's administrator is in ${platform}`);
      console.log('Ready. Ctrl-C ends it.');
      await interruption;
    } else {
      code = await emulation.run(name, rest);
    }
    await emulation.destroy();
    return code;
  };
  try {
    // Who waits for Ctrl-C destroys first; everything else ends at once.
    const waits = !values.check && command.length === 0;
    return await (waits ? work() : Promise.race([work(), interruption]));
  } catch (error) {
    if (interrupted) return FAILED;
    if (emulation !== undefined && error instanceof EmulatorError) console.error(emulation.told());
    throw error;
  } finally {
    await clean();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof EmulatorError || error instanceof ManifestError)) throw error;
  console.error(`enver: ${error.message}`);
  process.exitCode = error instanceof ManifestError ? NOT_DONE : FAILED;
}
// What was interrupted may still wait for answers.
process.exit();
