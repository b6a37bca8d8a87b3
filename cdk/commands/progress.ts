import { printMessage } from './output.ts';

const TERMINAL_PAUSE_IN_MS = 250;
const LOG_PAUSE_IN_MS = 5000;
const CLEAR_LINE = '\r\u001b[K';

interface Progress {
  /** Writes a message to stderr without damaging the line of the progress. */
  printMessage(message: string): void;
  stop(): void;
}

/**
 * Shows the progress of long work on stderr: at a terminal in one line that is rewritten four times a second, otherwise in a new
 * line every five seconds.
 */
export function showProgress(text: () => string): Progress {
  const { isTTY } = process.stderr;
  const clear = () => void (isTTY && process.stderr.write(CLEAR_LINE));
  const show = () => void (isTTY ? process.stderr.write(CLEAR_LINE + text()) : printMessage(text()));
  const timer = setInterval(show, isTTY ? TERMINAL_PAUSE_IN_MS : LOG_PAUSE_IN_MS);
  return {
    printMessage: (message) => {
      clear();
      printMessage(message);
    },
    stop: () => {
      clearInterval(timer);
      clear();
    },
  };
}
