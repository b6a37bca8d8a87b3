/**
 * The stack of an error, in the lines of the sources. A function runs a bundle of one long line, and Node's option `--enable-source-maps`
 * would make every cold start 10 ms slower. So the source map, which is deployed beside the bundle, is read when a stack is logged.
 */
import { existsSync, readFileSync } from 'node:fs';

/** A frame: the text before the place, the file, the line and the column, both from 1. */
const FRAME = /^(?<before>at .*?)(?<file>\/[^():]+):(?<line>\d+):(?<column>\d+)(?<after>\)?)$/;

type FindOrigin = (line: number, column: number) => string | undefined;

/** Finds the place in the sources of a place in a bundle; undefined for a file without a source map, such as a source itself. */
function readSourceMap(file: string): FindOrigin | undefined {
  const mapFile = `${file}.map`;
  if (!existsSync(mapFile)) return undefined;
  const { SourceMap } = process.getBuiltinModule('node:module');
  const map = new SourceMap(JSON.parse(readFileSync(mapFile, 'utf8')));
  return (line, column) => {
    const origin = map.findOrigin(line, column);
    if (!('fileName' in origin)) return undefined;
    // The paths in the map lead from the directory of the bundle to the sources.
    return `${origin.fileName.replace(/^(\.\.\/)+/, '')}:${origin.lineNumber}:${origin.columnNumber}`;
  };
}

/**
 * The frames of the stack of an error, without its message, which can quote an item or a request. The places in a bundle are replaced by
 * those in the sources. A place that cannot be replaced stays as it is.
 */
export function stackFrames(error: unknown): readonly string[] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  const frames = lines.map((line) => line.trim()).filter((line) => line.startsWith('at '));
  const maps = new Map<string, FindOrigin | undefined>();
  return frames.map((frame) => {
    const { before, file, line, column, after } = FRAME.exec(frame)?.groups ?? {};
    if (file === undefined) return frame;
    if (!maps.has(file)) maps.set(file, readSourceMap(file));
    const origin = maps.get(file)?.(Number(line), Number(column));
    return origin === undefined ? frame : `${before}${origin}${after}`;
  });
}
