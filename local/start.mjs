// Loads start.ts after the checks of prepared.mjs. Plain JavaScript, because old versions of Node cannot load start.ts.
import './prepared.mjs';

void import('./start.ts');
