const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

function withoutCarriageReturn(line: Buffer): Buffer {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}

/**
 * The lines of a file, without their ends and a byte order mark, in bounded memory: of a line over `maxBytes` only so many
 * bytes are kept that it can be told to be too long.
 */
export async function* lines(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  // A byte order mark and a carriage return may come on top of it, and one more byte says that it is longer.
  const keptBytes = BYTE_ORDER_MARK.length + maxBytes + 2;
  let line: Buffer = Buffer.alloc(0);
  let isFirst = true;

  function add(part: Buffer): void {
    if (line.length < keptBytes) line = Buffer.concat([line, part.subarray(0, keptBytes - line.length)]);
  }

  function taken(): Buffer {
    const hasMark = isFirst && line.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
    const whole = withoutCarriageReturn(hasMark ? line.subarray(BYTE_ORDER_MARK.length) : line);
    line = Buffer.alloc(0);
    isFirst = false;
    return whole;
  }

  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, end));
      yield taken();
      start = end + 1;
    }
    add(chunk.subarray(start));
  }
  if (line.length > 0) yield taken();
}
