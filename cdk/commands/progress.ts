import { tell } from './command.ts';

const TERMINAL_PAUSE_IN_MS = 250;
const LOG_PAUSE_IN_MS = 5000;
const CLEAR_LINE = '\r\u001b[K';

export interface Progress {
  /** Says something of its own, past the progress. */
  tell(message: string): void;
  stop(): void;
}

/** Shows how far long work is, on stderr: at a terminal one line, rewritten four times a second; else a line each 5 s. */
export function showProgress(text: () => string): Progress {
  const { isTTY } = process.stderr;
  const clear = () => void (isTTY && process.stderr.write(CLEAR_LINE));
  const show = () => void (isTTY ? process.stderr.write(CLEAR_LINE + text()) : tell(text()));
  const timer = setInterval(show, isTTY ? TERMINAL_PAUSE_IN_MS : LOG_PAUSE_IN_MS);
  return {
    tell: (message) => {
      clear();
      tell(message);
    },
    stop: () => {
      clearInterval(timer);
      clear();
    },
  };
}
