// Clerk's React loaders request its scripts from the Frontend API's host. They are redirected to the configured host of scripts.
import { ApiError } from '../../shared/base/errors.ts';
import { lazily } from '../../shared/base/lazily.ts';
import { publicApi } from '../../shared/http/public-api.ts';
import { scriptVersionsJson } from '../defined-when-built.ts';

const scriptVersions = lazily((): Readonly<Record<string, string>> => JSON.parse(scriptVersionsJson));

/** A package of Clerk, maybe a version, and a file in it. No segment of the file begins with a dot, so no path leaves the package. */
const CLERK_FILE = /^(?<name>@clerk\/[a-z-]+)(?:@(?<version>[\w.~^-]+))?(?<file>(?:\/(?!\.)[\w.-]+)+)$/;
const EXACT = /^\d+\.\d+\.\d+(?:-[\w.-]+)?$/;
/** The major version of a range, such as `6`, `^6.1` or `6.x`. A tag, such as `latest`, has none. */
const MAJOR = /^[~^]?(?<major>\d+)(?![^.])/;

function notFound(sentence: string): ApiError {
  return new ApiError({ code: 'resource_not_found', sentence });
}

/**
 * The version to which a request for this one leads: an exact version to itself, a tag or a range to the version of this deployment.
 * So the content of a script does not change until somebody deploys.
 *
 * @throws `resource_not_found` for a range of another major version, and for a package that has no version here
 */
function versionFor(name: string, requested: string): string {
  const versions = scriptVersions();
  const version = Object.hasOwn(versions, name) ? versions[name] : undefined;
  if (version === undefined)
    throw notFound(`Only the scripts of ${Object.keys(versions).join(' and ')} are at this path.`);
  if (EXACT.test(requested)) return requested;
  const major = MAJOR.exec(requested)?.groups?.major;
  if (major === undefined || major === MAJOR.exec(version)?.groups?.major) return version;
  throw notFound(`This path leads to ${name} ${version}. Write an exact version to load one of another major version.`);
}

export const RedirectScript = publicApi('RedirectScript', async ({ pathParameter, instance }) => {
  const { scriptsUrl } = instance;
  if (scriptsUrl === undefined)
    throw notFound('This deployment leads to no scripts: bundle them with your app, or configure scriptsUrl.');
  const { name, version = 'latest', file } = CLERK_FILE.exec(pathParameter('proxy'))?.groups ?? {};
  if (name === undefined) throw notFound('There is no script of Clerk at this path.');
  const location = `${scriptsUrl}/${name}@${versionFor(name, version)}${file}`;
  return { status: 307, headers: { location, 'cache-control': 'public, max-age=300' } };
});
