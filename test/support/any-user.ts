import { epochMs } from '../../shared/base/time.ts';
import type { User } from '../../shared/users/user.ts';

const noon = epochMs(1_700_000_000_000);

/** A user who was created at noon and has only an id, for pure rules. */
export function anyUser(members: Partial<User> = {}): User {
  return {
    id: 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof',
    externalId: null,
    username: null,
    firstName: null,
    lastName: null,
    locale: null,
    emailAddresses: [],
    phoneNumbers: [],
    totpEnabled: false,
    backupCodeEnabled: false,
    mfaEnabledAt: undefined,
    publicMetadata: {},
    privateMetadata: {},
    unsafeMetadata: {},
    banned: false,
    bannedAt: undefined,
    unbannedAt: undefined,
    legalAcceptedAt: undefined,
    createdAt: noon,
    updatedAt: noon,
    ...members,
  };
}
