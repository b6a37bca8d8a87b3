import { join } from 'node:path';
import { buildFolder, describeSdk, fileHere, isInstalled, run } from './program.ts';

describeSdk({
  language: 'Go',
  sdk: 'clerk-sdk-go 2.4.2',
  installed: await isInstalled(['go', 'version']),
  build: async () => {
    const program = join(buildFolder('go'), 'checks');
    await run('go', ['build', '-mod=readonly', '-o', program, '.'], { cwd: fileHere('go') });
    return [program];
  },
});
