/** The comparison of what is deployed with what is about to be deployed. It is pure: it reads neither AWS nor a file. */
import { configLimits, isLooser, type LimitName, limitNames } from '../../config/limit-names.ts';
import type { Config } from '../../config/schema.ts';
import { tableNames } from '../../table-definitions.ts';
import { formatList } from '../signing-keys/lists.ts';

/** The configuration of a deployed instance, as far as a deployment must not undo it. */
export interface DeployedConfig {
  /** Tables, keys and logs are protected from deletion. */
  readonly isProtected: boolean;
  readonly generation: number;
  /** A version that did not have a limit yet has deployed none. */
  readonly limits: { readonly [Name in LimitName]?: number };
  /** Numbers of the keys: the first one signs, all verify. */
  readonly ticketKeys: readonly number[];
  readonly sessionKeys: readonly number[];
  readonly restoredTables: Config['restoredTables'];
  /** Secret keys cannot create actor tokens. */
  readonly operatorsAreRequired: boolean;
  readonly hasPolicy: boolean;
  /** Numbers of the keys of the log; empty where the audit is off. */
  readonly auditKeys: readonly number[];
  /** The hashes of the origin secrets that the functions accept; empty without CloudFront in front. */
  readonly originSecretHashes: readonly string[];
}

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

type Rule = (deployed: DeployedConfig, config: Config) => readonly Refusal[];

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

const limitsAreNotLooser: Rule = (deployed, config) =>
  limitNames.flatMap((name) => {
    const limit = deployed.limits[name];
    if (limit === undefined || !isLooser(name, config[name], limit)) return [];
    const sentences = `${name} is ${limit} in the deployed stack and ${config[name]} in this configuration. ${configLimits[name].effect}`;
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

const keysDoNotComeBack: Rule = (deployed, config) =>
  (['ticketKeys', 'sessionKeys'] as const).flatMap((name) => {
    const faults = keyListFaults(deployed[name], config[name]);
    if (faults.length === 0) return [];
    const lists = `${name} is ${formatList(deployed[name])} in the deployed stack and ${formatList(config[name])} in this configuration.`;
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

const originSecretStays: Rule = ({ originSecretHashes }, { cloudFront }) => {
  if (originSecretHashes.length === 0) return [];
  if (!cloudFront)
    return [
      {
        name: 'cloudFront',
        sentences:
          'The deployed functions answer requests from CloudFront only, and this configuration has no cloudFront. They would ' +
          'answer requests that bypass CloudFront and WAF.',
      },
    ];
  if (cloudFront.originSecretHashes.some((hash) => originSecretHashes.includes(hash))) return [];
  return [
    {
      name: 'cloudFront',
      sentences:
        'cloudFront.originSecretHashes of this configuration has none of the hashes in the deployed stack. An origin secret that ' +
        'was replaced would be accepted again, and requests with the present one refused.',
    },
  ];
};

const operatorsStayRequired: Rule = ({ operatorsAreRequired }, { operators }) =>
  operatorsAreRequired && !operators?.required
    ? [
        {
          name: 'operators',
          sentences:
            'operators.required is true in the deployed stack and not in this configuration. Every secret key that may create actor ' +
            'tokens would impersonate in any name again.',
        },
      ]
    : [];

const policyStays: Rule = ({ hasPolicy }, { policy }) =>
  hasPolicy && policy === undefined
    ? [
        {
          name: 'policy',
          sentences:
            'The deployed stack has a policy, and this configuration has none. Every actor could become every user.',
        },
      ]
    : [];

const auditStaysOn: Rule = ({ auditKeys }, { audit }) =>
  auditKeys.length > 0 && audit === 'off'
    ? [
        {
          name: 'audit',
          sentences:
            'audit is on in the deployed stack and off in this configuration. Changes of the record would no longer be sealed, and ' +
            'nobody could tell whether it was changed meanwhile.',
        },
      ]
    : [];

const auditKeysStay: Rule = (deployed, { audit, auditKeys }) =>
  audit === 'on' && deployed.auditKeys.some((number) => !auditKeys.includes(number))
    ? [
        {
          name: 'auditKeys',
          sentences:
            `auditKeys is ${formatList(deployed.auditKeys)} in the deployed stack and ${formatList(auditKeys)} in this configuration. ` +
            'What a dropped key signed could not be verified any more.',
        },
      ]
    : [];

const protectionStays: Rule = ({ isProtected }, config) =>
  isProtected && !config.protected
    ? [
        {
          name: 'protected',
          sentences:
            `protected is true in the deployed stack and false in this configuration, whose stage is ${config.stage}. The protection ` +
            'of the tables, keys and logs from deletion would be removed.',
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
 * Returns what a deployment of this configuration would undo of the deployed instance; empty if it undoes nothing. The steps of a
 * rotation, except for an emergency's, and a raised generation with other tables undo nothing.
 */
export function refusalsOf(deployed: DeployedConfig, config: Config): readonly Refusal[] {
  return rules.flatMap((rule) => rule(deployed, config));
}
