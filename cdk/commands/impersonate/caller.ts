/** The caller that is recorded on what this command ends and blocks. */
export const CALLER = { userAgent: 'npm run impersonate' };
