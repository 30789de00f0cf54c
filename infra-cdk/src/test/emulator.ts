// What the emulator is given: the templates of a deployment, less what is listed with its reason, and with more time.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LACKING, PATIENCE_SECONDS, forEmulator } from '../emulator/lacking.js';
import { type Resources, ofType, services, template, text } from './synthesised.js';

describe('on the emulator', () => {
  test('exactly what is listed is left out, nothing refers to it, and nothing changes but how long functions may take', () => {
    for (const { service } of services) {
      const { Resources: whole } = template(service.enver?.stack ?? '');
      const given = forEmulator(JSON.stringify(template(service.enver?.stack ?? '')));
      const { Resources: kept } = JSON.parse(given) as { Resources: Resources };
      const left = Object.keys(whole).filter((id) => kept[id] === undefined);
      assert.ok(left.length > 0);
      for (const id of left) {
        assert.ok(LACKING.some(({ is }) => is(whole[id] as Parameters<typeof is>[0])), `${id} is left out without a reason`);
        assert.ok(!given.includes(`"${id}"`), `something refers to ${id}`);
      }
      for (const [id, { Type, Properties }] of Object.entries(kept)) {
        const longer = Type === 'AWS::Lambda::Function' ? { Timeout: PATIENCE_SECONDS } : {};
        assert.deepEqual(Properties, Properties && { ...whole[id]?.Properties, ...longer });
      }
    }
  });
});

describe('a first deployment', () => {
  test('prepares nothing before the table that it writes into is there', () => {
    const config = services.filter(({ name }) => name === 'config');
    assert.equal(config.length, 3);
    for (const { resources } of config) {
      const [[table] = ['']] = ofType(resources, 'AWS::DynamoDB::Table');
      const [[, prepared] = ['', undefined]] = ofType(resources, 'Custom::Prepared');
      assert.ok(text((prepared as unknown as { DependsOn: string[] }).DependsOn).includes(`"${table}"`));
    }
  });
});
