/** The comparison of what is deployed with what is about to be deployed. It is pure: it reads neither AWS nor a file. */
import { configLimits, isLooser, limitNames } from '../../config/limit-names.ts';
import { tableNames } from '../../table-definitions.ts';
import { formatList } from '../signing-keys/lists.ts';
import type { ComparedConfig } from './compared-config.ts';

/** The names that a refusal can have, which `--allow` takes. All of them are names of the configuration. */
export const refusableNames = [
  'generation',
  ...limitNames,
  'ticketKeys',
  'sessionKeys',
  'restoredTables',
  'cloudFront',
  'operators',
  'policy',
  'audit',
  'auditKeys',
  'protected',
] as const;

export type RefusableName = (typeof refusableNames)[number];

export interface Refusal {
  readonly name: RefusableName;
  /** Says what is deployed, what the configuration has, and what that would mean. */
  readonly sentences: string;
}

type Rule = (deployed: ComparedConfig, next: ComparedConfig) => readonly Refusal[];

const generationNeverGoesDown: Rule = (deployed, { generation }) =>
  generation >= deployed.generation
    ? []
    : [
        {
          name: 'generation',
          sentences:
            `generation is ${deployed.generation} in the deployed stack and ${generation} in this configuration. It would revive ` +
            `every ticket, session, browser and secret key of generation ${generation} that has not expired, also those that ` +
            'were ended in an emergency.',
        },
      ];

const limitsAreNotLooser: Rule = (deployed, next) =>
  limitNames.flatMap((name) => {
    const [limit, nextLimit] = [deployed.limits[name], next.limits[name]];
    if (limit === undefined || nextLimit === undefined || !isLooser(name, nextLimit, limit)) return [];
    const sentences = `${name} is ${limit} in the deployed stack and ${nextLimit} in this configuration. ${configLimits[name].effect}`;
    return [{ name, sentences }];
  });

/** Returns what is wrong with the list of keys that would replace the deployed one. The numbers of keys only ever grow. */
function keyListFaults(deployed: readonly number[], list: readonly number[]): readonly string[] {
  const [deployedSigner = 0, ...others] = deployed;
  const [signer = 0] = list;
  const newest = Math.max(deployedSigner, ...others);
  const broughtBack = list.filter((number) => number < newest && !deployed.includes(number));
  return [
    ...(list.includes(deployedSigner)
      ? []
      : [`The key ${deployedSigner} signs and would be dropped, so everything that it signed would be refused.`]),
    ...broughtBack.map((number) => `The key ${number} would come back, although it was removed.`),
    ...(list.includes(deployedSigner) && deployed.includes(signer) && signer < deployedSigner
      ? [`The older key ${signer} would sign again in place of the key ${deployedSigner}.`]
      : []),
  ];
}

const keysDoNotComeBack: Rule = (deployed, next) =>
  (['ticketKeys', 'sessionKeys'] as const).flatMap((name) => {
    const faults = keyListFaults(deployed[name], next[name]);
    if (faults.length === 0) return [];
    const lists = `${name} is ${formatList(deployed[name])} in the deployed stack and ${formatList(next[name])} in this configuration.`;
    return [{ name, sentences: [lists, ...faults].join(' ') }];
  });

const OWN_TABLE = "the stack's own table";

const tablesChangeWithGeneration: Rule = (deployed, { restoredTables, generation }) => {
  const changed = tableNames.find((name) => deployed.restoredTables[name] !== restoredTables[name]);
  if (changed === undefined || generation > deployed.generation) return [];
  const before = deployed.restoredTables[changed] ?? OWN_TABLE;
  const after = restoredTables[changed] ?? OWN_TABLE;
  return [
    {
      name: 'restoredTables',
      sentences:
        `restoredTables.${changed} is ${before} in the deployed stack and ${after} in this configuration, and generation is not ` +
        `higher than the deployed ${deployed.generation}. What was redeemed, ended or revoked in one of the two tables may be ` +
        'valid in the other: raise generation together with the tables, as docs/restore.md describes.',
    },
  ];
};

const originSecretStays: Rule = ({ originSecretHashes }, next) => {
  if (originSecretHashes.length === 0) return [];
  if (next.originSecretHashes.length === 0)
    return [
      {
        name: 'cloudFront',
        sentences:
          'The deployed functions answer requests from CloudFront only, and this configuration has no cloudFront. They would ' +
          'answer requests that bypass CloudFront and WAF.',
      },
    ];
  if (next.originSecretHashes.some((hash) => originSecretHashes.includes(hash))) return [];
  return [
    {
      name: 'cloudFront',
      sentences:
        'cloudFront.originSecretHashes of this configuration has none of the hashes in the deployed stack. An origin secret that ' +
        'was replaced would be accepted again, and requests with the present one refused.',
    },
  ];
};

const operatorsStayRequired: Rule = ({ operatorsAreRequired }, next) =>
  operatorsAreRequired && !next.operatorsAreRequired
    ? [
        {
          name: 'operators',
          sentences:
            'operators.required is true in the deployed stack and not in this configuration. Every secret key that may create actor ' +
            'tokens would impersonate in any name again.',
        },
      ]
    : [];

const policyStays: Rule = ({ hasPolicy }, next) =>
  hasPolicy && !next.hasPolicy
    ? [
        {
          name: 'policy',
          sentences:
            'The deployed stack has a policy, and this configuration has none. Every actor could become every user.',
        },
      ]
    : [];

const auditStaysOn: Rule = ({ auditKeys }, next) =>
  auditKeys.length > 0 && next.auditKeys.length === 0
    ? [
        {
          name: 'audit',
          sentences:
            'audit is on in the deployed stack and off in this configuration. Changes of the record would no longer be sealed, and ' +
            'nobody could tell whether it was changed meanwhile.',
        },
      ]
    : [];

const auditKeysStay: Rule = (deployed, { auditKeys }) =>
  auditKeys.length > 0 && deployed.auditKeys.some((number) => !auditKeys.includes(number))
    ? [
        {
          name: 'auditKeys',
          sentences:
            `auditKeys is ${formatList(deployed.auditKeys)} in the deployed stack and ${formatList(auditKeys)} in this configuration. ` +
            'What a dropped key signed could not be verified any more.',
        },
      ]
    : [];

const protectionStays: Rule = ({ isProtected }, next) =>
  isProtected && !next.isProtected
    ? [
        {
          name: 'protected',
          sentences:
            'protected is true in the deployed stack and false in this configuration. The protection of the tables, keys and logs from ' +
            'deletion would be removed.',
        },
      ]
    : [];

const rules: readonly Rule[] = [
  generationNeverGoesDown,
  limitsAreNotLooser,
  keysDoNotComeBack,
  tablesChangeWithGeneration,
  originSecretStays,
  operatorsStayRequired,
  policyStays,
  auditStaysOn,
  auditKeysStay,
  protectionStays,
];

/**
 * Returns what a deployment of the next configuration would undo of the deployed one; empty if it undoes nothing. The steps of a
 * rotation, except for an emergency's, and a raised generation with other tables undo nothing.
 */
export function refusalsOf(deployed: ComparedConfig, next: ComparedConfig): readonly Refusal[] {
  return rules.flatMap((rule) => rule(deployed, next));
}
