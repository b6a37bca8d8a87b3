// docs/privacy.md says how long everything is kept. These tests compare it with the template and with the limits.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../cdk/config/config.ts';
import { limits } from '../../shared/base/limits.ts';
import { DAY_IN_SECONDS } from '../../shared/base/time.ts';
import { propertiesOf, resourcesOf, synthesized } from './synthesized.ts';

const page = readFileSync(new URL('../../docs/privacy.md', import.meta.url), 'utf8');

/** The number at the beginning of the second cell of a row. */
function daysOf(what: string): number {
  const [, section = ''] = page.split('\n## How long\n');
  const row = section.split('\n').find((line) => line.startsWith(`| ${what} |`));
  return Number(/^\d+/.exec(row?.split('|')[2]?.trim() ?? '')?.[0]);
}

function retentionOf(stage: string, isWanted: (id: string) => boolean): readonly unknown[] {
  const groups = resourcesOf(synthesized({ stage }), 'AWS::Logs::LogGroup').filter(([id]) => isWanted(id));
  return [...new Set(groups.map(([, { Properties }]) => Properties.RetentionInDays))];
}

const isAccessLog = (id: string) => id.startsWith('AccessLogs');

describe('docs/privacy.md says for how many days is kept', () => {
  test.each([
    ['prod', 'protected'],
    ['dev', 'not protected'],
  ])('the log of the functions, in %s', (stage, words) => {
    expect(retentionOf(stage, (id) => !isAccessLog(id))).toEqual([daysOf(`Log of the functions, ${words}`)]);
  });

  test.each(['dev', 'prod'])('the access log, in %s', (stage) => {
    expect(retentionOf(stage, isAccessLog)).toEqual([daysOf('Access log')]);
  });

  test('the record of who acted as whom', () => {
    const { auditRetentionDays } = parseConfig({});

    expect([daysOf('`ActorTokens`'), daysOf('`Sessions`')]).toEqual([auditRetentionDays, auditRetentionDays]);
  });

  test('a client, which is a day longer than its cookie', () => {
    expect(daysOf('`Clients`')).toBe(limits.clientCookieLifeInSeconds / DAY_IN_SECONDS + 1);
    expect(page).toContain(`both for ${limits.clientCookieLifeInSeconds / DAY_IN_SECONDS} days`);
  });

  test('a backup: as long as DynamoDB keeps one where nothing shorter is configured', () => {
    const tables = propertiesOf(synthesized({ stage: 'prod' }), 'AWS::DynamoDB::GlobalTable');

    expect(tables).toHaveLength(6);
    for (const table of tables)
      expect(table).toMatchObject({
        Replicas: [{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
      });
    expect(JSON.stringify(tables)).not.toContain('RecoveryPeriodInDays');
    expect(daysOf('Backups of all tables')).toBe(35);
  });
});

test('docs/privacy.md has each member of the access log, and no other', () => {
  const [[, stage] = []] = resourcesOf(synthesized({ stage: 'prod' }), 'AWS::ApiGatewayV2::Stage');
  const { Format } = Object(stage?.Properties.AccessLogSettings);
  const [, after = ''] = page.split('**every** request');
  const listed = [...(after.split('. It has')[0] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name);

  expect(listed).toEqual(Object.keys(JSON.parse(Format)));
});
