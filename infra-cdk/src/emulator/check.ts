// What `enver emulate --check` asks of a deployment: that each service keeps its contract, that the use cases go through,
// that a new version loses nothing, and that nothing is left in the end.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmulatorError } from './aws.js';
import { Booker } from './booker.js';
import { zipOf } from './deployment.js';
import type { Emulation } from './emulation.js';

/** What is asked where not everything is: each operation, by a company's administrator, and the flows around a booking. */
const QUICK = { verify: ['--no-dataset', '--valid', '1', '--invalid', '0', '--patience', '1'], bdd: ['--tags', '@UC3 and not @cases'] };

/** Runs all checks, and destroys the deployment. A contract or use case that does not hold fails it when all have been
 *  looked at; what cannot be deployed ends it. */
export async function check(emulation: Emulation, whole: boolean): Promise<void> {
  const { plan, origin, platform } = emulation;
  await step('settings', () => emulation.configure(whole));
  await step('first calls', () => emulation.warmUp());
  const asked = ['--url', origin, '--platform', platform, '--signed'];
  const broken: string[] = [];
  for (const service of Object.keys(plan.section.services)) {
    await step(`verify ${service}`, async () => {
      const token = join(plan.folder, `${service}.token`);
      writeFileSync(token, (await Booker.found(origin)).token, { mode: 0o600 });
      const how = whole ? asked : ['--url', origin, ...QUICK.verify, '--auth', `bearer:@${token}`];
      const code = await emulation.enver(['verify', service, ...how]);
      if (code !== 0) broken.push(`${service} does not keep its contract`);
    });
  }
  await step('use cases', async () => {
    const code = await emulation.enver(['bdd', ...asked, ...(whole ? [] : QUICK.bdd)]);
    if (code !== 0) broken.push('use cases fail');
  });
  await step('second version', async () => {
    const booker = await Booker.found(origin);
    await booker.begin();
    await emulation.deploy(nextVersion(emulation));
    const { made, repeated } = await booker.end();
    console.log(`${made} bookings were made while the second version was deployed, ${repeated} calls repeated; all are there`);
  });
  await step('destroy', () => emulation.destroy());
  if (broken.length > 0) throw new EmulatorError(`on the emulator ${broken.join(', ')}`);
}

async function step(what: string, work: () => Promise<void>): Promise<void> {
  const begun = Date.now();
  await work();
  console.log(`${what}: ${((Date.now() - begun) / 1000).toFixed(1)} s`);
}

/** The same programs in zips with a comment at their end, which makes another build of them: another digest. */
function nextVersion({ plan }: Emulation): string {
  const COMMENT = Buffer.from('second version');
  const folder = join(plan.folder, 'second');
  mkdirSync(folder);
  for (const service of Object.keys(plan.section.services)) {
    const zip = zipOf(plan.zips, service);
    // The last field of a zip is the length of its comment.
    if (zip.readUInt16LE(zip.length - 2) !== 0) throw new EmulatorError(`${service}.zip has a comment: build it with enver build lambda`);
    zip.writeUInt16LE(COMMENT.length, zip.length - 2);
    writeFileSync(join(folder, `${service}.zip`), Buffer.concat([zip, COMMENT]));
  }
  return folder;
}
