import { pythonWith } from '../deploy/python.ts';
import { describeSdk, fileHere, isInstalled } from './program.ts';

describeSdk({
  language: 'Python',
  sdk: 'clerk-backend-api 7.0.0',
  installed: await isInstalled(['python3', '-c', 'import ensurepip, venv']),
  build: async () => [await pythonWith('../sdks/python/requirements.txt', 'sdks/python'), fileHere('python/checks.py')],
});
