// What the emulator cannot create, and so is left out of a template before it is deployed, and what it has to give more
// time: each with its reason. The README lists what it creates and does not act on.

interface Resource {
  readonly Type: string;
  Properties?: Record<string, unknown>;
  DependsOn?: string | string[];
}

interface Lacking {
  readonly what: string;
  readonly is: (resource: Resource) => boolean;
  readonly reason: string;
}

export const LACKING: readonly Lacking[] = [
  {
    what: 'alarms on an expression of metrics',
    is: ({ Type, Properties }) => Type === 'AWS::CloudWatch::Alarm' && Properties?.['Metrics'] !== undefined,
    reason: 'its CloudFormation refuses Metrics of AWS::CloudWatch::Alarm',
  },
];

/**
 * How long a function may take at least. All functions are processes of one machine, which may have other work as well;
 * Lambda would give each the processor that its memory stands for. Less than messages stay invisible.
 */
export const PATIENCE_SECONDS = 120;

/** A template as the emulator takes it. A reference to something left out fails the deployment, as it should. */
export function forEmulator(text: string): string {
  const template = JSON.parse(text) as { Resources: Record<string, Resource> };
  const left = new Set<string>();
  for (const [id, resource] of Object.entries(template.Resources)) {
    if (LACKING.some(({ is }) => is(resource))) {
      left.add(id);
      delete template.Resources[id];
    }
  }
  for (const resource of Object.values(template.Resources)) {
    if (resource.Type === 'AWS::Lambda::Function') {
      resource.Properties = { ...resource.Properties, Timeout: Math.max(Number(resource.Properties?.['Timeout']), PATIENCE_SECONDS) };
    }
    if (resource.DependsOn === undefined) continue;
    resource.DependsOn = [resource.DependsOn].flat().filter((id) => !left.has(id));
  }
  return JSON.stringify(template);
}
