// How an enver on the emulator is configured before it is asked: callers come from one address and send as much as a
// suite sends, and where flows change documents, every function knows it a second later.

import { readFileSync } from 'node:fs';
import { type EnverSection, type Stage } from '../manifest.js';
import { functionName } from '../names.js';
import { type Aws, EmulatorError } from './aws.js';

/** Takes the change of a document's value and says what it becomes. */
type Change = (value: any) => any;

const CHANGES: Readonly<Record<string, Change>> = {
  // enver:allow(hardcoded-timeout) The most there may be: a first call starts a program where everything else runs too.
  'global.operational.upstreams': (value) => ({ ...value, timeoutMillis: 25_000 }),
  'global.operational.rate-limits': (value) =>
    Object.fromEntries(Object.entries<object>(value).map(([preset, limits]) => [preset, { ...limits, limit: 1_000_000 }])),
};

/** Every function reads its documents again then, by calls of another one, which takes most of the time of a call. */
const FORGETFUL: Readonly<Record<string, Change>> = {
  'global.operational.configuration': (value) => ({ ...value, maxAgeSeconds: 1 }),
};

/** Changes the documents as the platform's administrator, whose log-in is in `platform`. */
export async function configure(origin: string, platform: string, forgetful: boolean): Promise<void> {
  const { email, password } = JSON.parse(readFileSync(platform, 'utf8'));
  const { body } = await call(origin, 'POST', '/auth/v1/login', {}, { tenantId: 'platform', email, password });
  const authorization = `Bearer ${body.data.accessToken}`;
  for (const [document, change] of Object.entries({ ...CHANGES, ...(forgetful ? FORGETFUL : {}) })) {
    const path = `/config/v1/documents/${document}`;
    const known = await call(origin, 'GET', path, { authorization });
    const wanted = { value: change(known.body.data.value), reason: 'A suite of tests runs on this emulator' };
    await call(origin, 'PUT', path, { authorization, 'if-match': known.etag }, wanted);
  }
}

/** Replaces the instances that keep what they read before; a change of its configuration does that to a function. */
export async function startAnew(aws: Aws, stage: Stage, section: EnverSection): Promise<void> {
  const units = Object.values(section.services).flatMap(({ operations, consumers }) => [...operations, ...consumers]);
  for (const { handler } of units) {
    const path = `/2015-03-31/functions/${functionName(stage, handler)}/configuration`;
    await aws.rest('lambda', 'PUT', path, JSON.stringify({ Handler: handler }));
  }
}

async function call(origin: string, method: string, path: string, fields: Record<string, string>, body?: object): Promise<{ etag: string; body: any }> {
  const headers = { 'content-type': 'application/json', ...fields };
  const response = await fetch(origin + path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new EmulatorError(`${method} ${path} was answered with ${response.status}: ${text}`);
  return { etag: response.headers.get('etag') ?? '', body: JSON.parse(text) };
}
