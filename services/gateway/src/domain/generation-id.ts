const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LENGTH = 20;
/** Largest multiple of 62 in a byte: larger bytes would favour the alphabet's first letters. */
const FAIR_BELOW = 248;

/** Makes `gen-<unix seconds>-<20 base62>`. `fill` writes random bytes over the whole array. */
export function createGenerationIds(fill: (bytes: Uint8Array) => void): (nowMs: number) => string {
  const pool = new Uint8Array(4_096);
  let position = pool.length;
  return (nowMs) => {
    let id = `gen-${Math.floor(nowMs / 1_000)}-`;
    for (let count = 0; count < LENGTH; ) {
      if (position === pool.length) {
        fill(pool);
        position = 0;
      }
      const byte = pool[position] ?? FAIR_BELOW;
      position += 1;
      if (byte < FAIR_BELOW) {
        id += alphabet[byte % alphabet.length];
        count += 1;
      }
    }
    return id;
  };
}
