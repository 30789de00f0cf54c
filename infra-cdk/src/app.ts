// The app: synthesises the stacks of every enver that is published.
//
//   cdk synth, or without the command line of the CDK: node build/src/app.js [-o FOLDER] [-c KEY=VALUE]…
//
//   -c enver=dev            one enver only
//   -c manifest=FILE        another manifest than contracts/published/manifest.json
//   -c origins={…}          where each service answers, for an emulator without domains
//   -c architecture=x86_64  for builds that are not recorded; arm64 otherwise

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { makeConstellation, newApp } from './constellation.js';
import { ManifestError, type Stage, STAGES, readManifest } from './manifest.js';

function main(): void {
  const { values } = parseArgs({
    options: { context: { type: 'string', short: 'c', multiple: true }, output: { type: 'string', short: 'o' } },
  });
  const given = (values.context ?? []).map((pair) => [pair.split('=', 1)[0] ?? '', pair.slice(pair.indexOf('=') + 1)]);
  const app = newApp({
    context: Object.fromEntries(given) as Record<string, string>,
    ...(values.output === undefined ? {} : { outdir: values.output }),
  });
  const context = (key: string): string | undefined => {
    const value: unknown = app.node.tryGetContext(key);
    return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
  };
  const published = fileURLToPath(new URL('../../../contracts/published/manifest.json', import.meta.url));
  const manifest = readManifest(context('manifest') ?? published);
  const wanted = context('enver');
  if (wanted !== undefined && !STAGES.includes(wanted as Stage)) {
    throw new ManifestError(`there is no enver ${wanted}: give one of ${STAGES.join(', ')}`);
  }
  const origins = context('origins');
  const local = origins === undefined ? undefined : { origins: JSON.parse(origins) as Record<string, string> };
  for (const stage of STAGES.filter((stage) => wanted === undefined || stage === wanted)) {
    for (const left of makeConstellation(app, manifest, stage, local)) console.error(`left out of ${stage}: ${left}`);
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
}

try {
  main();
} catch (error) {
  if (!(error instanceof ManifestError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
