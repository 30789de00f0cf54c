// The first call of every function: it starts a program, which reads its documents through a function that may have to
// start as well. Made by somebody patient, so that who checks answers afterwards may be as impatient as callers are.

import { setTimeout as sleep } from 'node:timers/promises';
import type { EnverSection } from '../manifest.js';
import { EmulatorError } from './aws.js';

/** Calls each operation, as nobody in particular, until its function answers for itself. */
export async function firstCalls(origin: string, section: EnverSection): Promise<void> {
  const AT_ONCE = 4;
  const operations = Object.values(section.services).flatMap((service) => service.operations);
  const caller = async () => {
    for (let operation = operations.pop(); operation !== undefined; operation = operations.pop()) {
      await answered(origin, operation.method, operation.path.replaceAll(/\{\w+\}/g, 'nobody'));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
}

async function answered(origin: string, method: string, path: string): Promise<void> {
  const LONGEST_MILLIS = 300_000;
  const AGAIN_MILLIS = 500;
  const end = Date.now() + LONGEST_MILLIS;
  for (;;) {
    const response = await fetch(origin + path, { method, redirect: 'manual' }).catch(() => undefined);
    const text = await response?.text().catch(() => undefined);
    if (response !== undefined && text !== undefined && response.status < 500) return;
    if (Date.now() > end) throw new EmulatorError(`${method} ${path} is still answered with ${response?.status}: ${text}`);
    await sleep(AGAIN_MILLIS);
  }
}
