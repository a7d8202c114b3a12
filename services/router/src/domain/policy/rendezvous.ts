/**
 * A number in (0, 1) that depends on the key and the endpoint and on nothing else: the same
 * conversation draws the same provider on every router, and when one provider leaves, only its own
 * conversations move. A finalizer of MurmurHash3 mixes each half of the key with the endpoint.
 */
export function rendezvousUniform(key: bigint, seed: number): number {
  const low = Number(key & 0xffffffffn) | 0;
  const high = Number((key >> 32n) & 0xffffffffn) | 0;
  const mixed = mix(mix(low ^ seed) ^ high ^ Math.imul(seed, 0x9e3779b1));
  return ((mixed >>> 0) + 0.5) / 4_294_967_296;
}

function mix(value: number): number {
  let hash = value;
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
