/** Bytes that an unsigned 32-bit number takes as a varint. */
export function varintLength(value: number): number {
  if (value < 0x80) {
    return 1;
  }
  if (value < 0x4000) {
    return 2;
  }
  if (value < 0x20_0000) {
    return 3;
  }
  return value < 0x1000_0000 ? 4 : 5;
}

/** Writes an unsigned 32-bit number and returns the offset behind it. */
export function writeVarint(target: Uint8Array, offset: number, value: number): number {
  let rest = value;
  let position = offset;
  while (rest > 0x7f) {
    target[position] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
    position += 1;
  }
  target[position] = rest;
  return position + 1;
}
