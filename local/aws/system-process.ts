import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** True while a process with this id exists, also one of another user. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Returns the time at which a process started, which tells it from a later process with the same id; `unknown` where the system
 * has no /proc.
 */
export function startOf(pid: number): string {
  const stat = readProc(pid, 'stat');
  // The fields follow the command's name, which may itself contain spaces and parentheses. The start is field 22 (proc(5)).
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'unknown';
}

/** Returns the command line of a live process; it is empty when there is no such process, or it cannot be read. */
export function commandLineOf(pid: number): readonly string[] {
  return readProc(pid, 'cmdline')
    .split('\0')
    .filter((part) => part !== '');
}

/** Ends a process with SIGTERM, or with SIGKILL when it still runs two seconds later. Resolves when it has ended. */
export async function endProcess(pid: number): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGTERM', 2000],
    ['SIGKILL', 1000],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    for (let waited = 0; waited < patienceMs && isAlive(pid); waited += 10) await sleep(10);
    if (!isAlive(pid)) return;
  }
}
