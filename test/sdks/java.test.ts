import { join } from 'node:path';
import { buildFolder, describeSdk, fileHere, isInstalled, run } from './program.ts';

describeSdk({
  language: 'Java',
  sdk: 'com.clerk:backend-api 5.0.0',
  installed: await isInstalled(['javac', '--version'], ['mvn', '--version']),
  build: async () => {
    // The POM builds into this folder too. With -C a package whose checksum differs fails the build.
    await run('mvn', ['-q', '-B', '-C', 'compile', 'dependency:copy-dependencies'], { cwd: fileHere('java') });
    const folder = buildFolder('java');
    return ['java', '-cp', [join(folder, 'classes'), join(folder, 'dependency/*')].join(':'), 'sdks.Checks'];
  },
});
