import { join } from 'node:path';
import { buildFolder, describeSdk, fileHere, isInstalled, run } from './program.ts';

describeSdk({
  language: 'Go',
  sdk: 'clerk-sdk-go 2.4.2',
  // A Go that is too old for go.mod, and cannot fetch a newer one, counts as missing.
  installed: await isInstalled(['go', '-C', fileHere('go'), 'list', '-m']),
  build: async () => {
    const program = join(buildFolder('go'), 'checks');
    await run('go', ['build', '-mod=readonly', '-o', program, '.'], { cwd: fileHere('go') });
    return [program];
  },
});
