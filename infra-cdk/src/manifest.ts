// contracts/published/manifest.json as types, read whole and refused with a place when it is not what it should be.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export type Stage = 'mock' | 'dev' | 'main';
export const STAGES: readonly Stage[] = ['mock', 'dev', 'main'];

/** A resource that an operation reads or writes, by its logical name. */
export interface Touch {
  readonly resource: 'table' | 'bucket' | 'queue' | 'config';
  readonly name: string;
  readonly access: 'read' | 'write';
}

export interface Operation {
  readonly id: string;
  readonly handler: string;
  readonly summary: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly policy: { readonly rule: string };
  readonly rateLimit: string;
  readonly bodyLimitBytes: number;
  readonly idempotent: boolean;
  readonly emits: readonly string[];
  readonly touches: readonly Touch[];
}

export interface Consumer {
  readonly id: string;
  readonly handler: string;
  readonly summary: string;
  readonly queue: string;
  readonly queueName: string;
  readonly deadLetterQueueName: string;
  readonly fifo: boolean;
  readonly events: readonly string[];
  readonly maxReceiveCount: number;
  readonly touches: readonly Touch[];
}

/** Where a service stands, what it shares and what it reads. */
export interface Enver {
  readonly build: string;
  readonly revision: string;
  readonly accountId: string;
  readonly region: string;
  readonly lifetime: 'static' | 'ephemeral';
  readonly stack: string;
  readonly artifactBucketParameter: string;
  readonly subscriptionsParameter: string;
  readonly shares: readonly { producer: string; parameter: string; document: boolean }[];
  readonly reads: readonly { name: string; parameter: string; from: string | null; required: boolean; document: boolean }[];
}

/** The zip that runs, by its SHA-256. */
export interface Code {
  readonly digest: string;
  readonly architecture: 'arm64' | 'x86_64';
}

export interface Service {
  readonly enver: Enver | null;
  readonly code: Code | null;
  readonly table: string;
  readonly pipelineTouches: readonly Touch[];
  readonly operations: readonly Operation[];
  readonly consumers: readonly Consumer[];
}

export interface FunctionSettings {
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  readonly concurrency?: number;
}

/** The configuration document `global.operational.deployment`. */
export interface Deployment {
  readonly domain: string;
  readonly function: FunctionSettings;
  readonly consumer: Required<FunctionSettings> & { readonly batchSize: number };
  readonly relay: FunctionSettings;
  readonly operations: Readonly<Record<string, Partial<FunctionSettings>>>;
  readonly callersAtOnce: number;
  readonly logRetentionDays: number;
  readonly alarms: {
    readonly faultsIn5Minutes: number;
    readonly latencyP99Millis: number;
    readonly oldestMessageSeconds: number;
    readonly throttledCallsIn5Minutes: number;
  };
  readonly canary: { readonly percent: number; readonly minutes: number };
}

/** The state machine of a flow through the services, by the SHA-256 of its definition. */
export interface Flow {
  readonly id: string;
  readonly digest: string;
}

export interface EnverSection {
  readonly platformTable: string;
  readonly tables: {
    readonly partitionKey: string;
    readonly sortKey: string;
    readonly timeToLive: string;
    readonly indexes: readonly { name: string; partitionKey: string; sortKey: string }[];
  };
  readonly deployment: Deployment;
  readonly rateLimits: Readonly<Record<string, { limit: number; seconds: number }>>;
  readonly services: Readonly<Record<string, Service>>;
  /** Those it runs against itself: none in main, where what they leave behind would stand among what people made. */
  readonly flows: readonly Flow[];
  /** Those that could not pass there, and why. */
  readonly flowsLeftOut: readonly { readonly id: string; readonly why: string }[];
  /** The build of what flows ask: null where none is recorded, and in main. */
  readonly values: Code | null;
}

export interface Manifest {
  readonly envers: Readonly<Partial<Record<Stage, EnverSection>>>;
}

/** What is wrong with a manifest, and where. */
export class ManifestError extends Error {}

/** Reads a manifest and checks what every stack relies on. */
export function readManifest(path: string): Manifest {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ManifestError(`${path} cannot be read: run \`enver publish\` at the root of the repository`, { cause: error });
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new ManifestError(`${path} is not JSON: run \`enver publish\``, { cause: error });
  }
  return checked(document, path);
}

/** A document as a manifest, or the first thing that is wrong with it. */
export function checked(document: unknown, path: string): Manifest {
  const fail = (what: string): never => {
    throw new ManifestError(`${path}: ${what}: run \`enver publish\``);
  };
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(document) || !isObject(document['envers'])) return fail('this is not a manifest');
  const { 'x-odmd': stamp, ...content } = document;
  if (!isObject(stamp) || stamp['kind'] !== 'manifest') fail('x-odmd does not say that this is a manifest');
  if (isObject(stamp) && stamp['digest'] !== digestOf(content)) fail('it was edited by hand, its digest says');
  for (const [stage, section] of Object.entries(document['envers'])) {
    if (!STAGES.includes(stage as Stage)) fail(`there is no enver ${stage}`);
    if (!isObject(section) || !isObject(section['services'])) return fail(`envers/${stage} has no services`);
    for (const fact of ['platformTable', 'tables', 'deployment', 'rateLimits', 'flows', 'flowsLeftOut', 'values']) {
      if (!(fact in section)) fail(`envers/${stage} says nothing of ${fact}`);
    }
    checkHandlers(section as unknown as EnverSection, `envers/${stage}`, fail);
  }
  return document as unknown as Manifest;
}

/** To fewer functions at once SQS hands nothing over. */
const FEWEST_AT_ONCE = 2;

/** Settings of a handler that nobody has would be forgotten silently. */
function checkHandlers(section: EnverSection, at: string, fail: (what: string) => never): void {
  const handlers = new Set<string>();
  for (const [name, service] of Object.entries(section.services)) {
    for (const fact of ['operations', 'consumers', 'pipelineTouches', 'table'] as const) {
      if (service[fact] === undefined) fail(`${at}/services/${name} says nothing of ${fact}`);
    }
    for (const { handler } of [...service.operations, ...service.consumers]) {
      if (handlers.has(handler)) fail(`${at} has two handlers ${handler}`);
      handlers.add(handler);
    }
    for (const { id, rateLimit } of service.operations) {
      if (section.rateLimits[rateLimit] === undefined) fail(`${at}: ${id} has a rate limit ${rateLimit}, which has no window`);
    }
  }
  const { consumer, operations } = section.deployment;
  for (const { handler } of Object.values(section.services).flatMap(({ consumers }) => consumers)) {
    const { concurrency } = { ...consumer, ...operations[handler] };
    if (concurrency < FEWEST_AT_ONCE) {
      fail(`${at}/deployment: ${handler} runs ${concurrency} at once, and a queue hands over to ${FEWEST_AT_ONCE} at least`);
    }
  }
  for (const handler of Object.keys(operations)) {
    if (!handlers.has(handler)) {
      fail(`${at}/deployment/operations/${handler}: no operation has this handler (functions/config/defaults/global.operational.deployment.yaml)`);
    }
  }
}

/** The digest of a document as the publisher makes it: SHA-256 of its JSON with sorted keys and no spaces. */
export function digestOf(document: unknown): string {
  return `sha256:${createHash('sha256').update(canonical(document)).digest('hex')}`;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
