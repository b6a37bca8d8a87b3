import manifest from '../../package.json' with { type: 'json' };

/**
 * The packages of Clerk that its loaders request from the Frontend API, and the versions to which the API leads. The tests run this
 * version of clerk-js in a browser. `@clerk/ui` holds Clerk's components, which React's loader requests beside it: no test runs it,
 * and this version is the newest one that was published before that of clerk-js was chosen.
 */
export const scriptVersions: Readonly<Record<string, string>> = {
  '@clerk/clerk-js': manifest.devDependencies['@clerk/clerk-js'],
  '@clerk/ui': '1.36.0',
};
