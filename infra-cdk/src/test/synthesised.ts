// The stacks of all envers, synthesised once for all tests, beside the manifest they come from.

import { fileURLToPath } from 'node:url';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { makeConstellation, newApp } from '../constellation.js';
import { type EnverSection, type Manifest, type Service, type Stage, STAGES, readManifest } from '../manifest.js';

/** A resource of a template, as far as tests read it. */
export interface Resource {
  readonly Type: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly Properties: any;
  readonly UpdatePolicy?: unknown;
}
export type Resources = Readonly<Record<string, Resource>>;

export const published = readManifest(fileURLToPath(new URL('../../../../contracts/published/manifest.json', import.meta.url)));

/** What main would run: every service has a promoted build. */
export const DIGEST = 'd1'.repeat(32);
export const promoted: Manifest = {
  envers: Object.fromEntries(
    STAGES.map((stage) => {
      const section = published.envers[stage] as EnverSection;
      const code = stage === 'main' ? ({ digest: DIGEST, architecture: 'arm64' } as const) : null;
      const services = Object.entries(section.services).map(([name, service]) => [name, { ...service, code }]);
      return [stage, { ...section, services: Object.fromEntries(services) as Record<string, Service> }];
    }),
  ),
};

const app = newApp();
export const left = STAGES.flatMap((stage) => makeConstellation(app, promoted, stage));
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
/** Fails where cdk-nag finds something that nobody gave a reason for. */
export const assembly = app.synth();

export function template(stack: string): { readonly Resources: Resources; readonly Parameters: Record<string, any> } {
  return assembly.getStackByName(stack).template as { Resources: Resources; Parameters: Record<string, any> };
}

export interface Deployed {
  readonly stage: Stage;
  readonly name: string;
  readonly service: Service;
  readonly section: EnverSection;
  readonly resources: Resources;
}

/** Every service in every enver, with its resources. */
export const services: readonly Deployed[] = STAGES.flatMap((stage) => {
  const section = promoted.envers[stage] as EnverSection;
  return Object.entries(section.services).flatMap(([name, service]) =>
    service.enver === null
      ? []
      : [{ stage, name, service, section, resources: template(service.enver.stack).Resources }],
  );
});

export const ofType = (resources: Resources, type: string): [string, Resource][] =>
  Object.entries(resources).filter(([, resource]) => resource.Type === type);

/** A value with references and joins put together: `{Ref: X}` becomes `X`, `{Fn::GetAtt: [X, Arn]}` becomes `X.Arn`. */
export function text(value: any): string {
  if (typeof value === 'string') return value;
  if (value?.Ref !== undefined) return value.Ref === 'AWS::Partition' ? 'aws' : String(value.Ref);
  if (value?.['Fn::GetAtt'] !== undefined) return value['Fn::GetAtt'].join('.');
  if (value?.['Fn::Join'] !== undefined) return value['Fn::Join'][1].map(text).join(value['Fn::Join'][0]);
  return JSON.stringify(value);
}

/** The handler of what a function's ARN or an alias refers to. */
export function handlerOf(resources: Resources, reference: any): string {
  const id = text(reference).split('.')[0] ?? '';
  const target = resources[id];
  if (target?.Type === 'AWS::Lambda::Alias') return handlerOf(resources, target.Properties.FunctionName);
  if (target?.Type !== 'AWS::Lambda::Function') throw new Error(`${text(reference)} is no function`);
  return target.Properties.Handler;
}
