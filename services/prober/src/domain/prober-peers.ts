/** Three announcements missed: the prober is gone. */
const SILENCE_MS = 3_000;
/** All that are there have announced themselves within this, one late announcement allowed. */
const SETTLE_MS = 2_000;

/**
 * The probers that are there, by what they announced, oneself among them: one hears oneself over
 * the bus. Each endpoint belongs to one of them, by the highest hash (rendezvous): when one comes
 * or goes, only its own endpoints move. Pure: the clock is passed in.
 */
export class ProberPeers {
  readonly #self: string;
  readonly #seenMs = new Map<string, number>();
  /** Since when the bus has carried our own word without a break. */
  #steadySinceMs: number | undefined;

  constructor(self: string) {
    this.#self = self;
  }

  hear(prober: string, isLeaving: boolean, nowMs: number): void {
    if (isLeaving) {
      this.#seenMs.delete(prober);
      return;
    }
    if (prober === this.#self && !this.#isHeard(nowMs)) {
      this.#steadySinceMs = nowMs;
    }
    this.#seenMs.set(prober, nowMs);
  }

  /** Live probers, this one included. */
  count(nowMs: number): number {
    this.#forgetSilent(nowMs);
    return this.#seenMs.size;
  }

  /**
   * The ones of `endpointIds` that are this prober's to probe. None until the others have had the
   * time to be heard: at the start, and after the bus was away.
   */
  selectOwn(endpointIds: readonly string[], nowMs: number): string[] {
    const steadyMs = this.#isHeard(nowMs) ? nowMs - (this.#steadySinceMs ?? nowMs) : 0;
    if (steadyMs < SETTLE_MS) {
      return [];
    }
    this.#forgetSilent(nowMs);
    const probers = [...this.#seenMs.keys()];
    return endpointIds.filter((id) => chooseOwner(probers, id) === this.#self);
  }

  #isHeard(nowMs: number): boolean {
    const seenMs = this.#seenMs.get(this.#self);
    return seenMs !== undefined && nowMs - seenMs <= SILENCE_MS;
  }

  #forgetSilent(nowMs: number): void {
    for (const [prober, seenMs] of this.#seenMs) {
      if (nowMs - seenMs > SILENCE_MS) {
        this.#seenMs.delete(prober);
      }
    }
  }
}

/** The prober with the highest hash; of equal ones, the one whose name comes first. */
function chooseOwner(probers: readonly string[], endpointId: string): string | undefined {
  let owner: string | undefined;
  let highest = -1;
  for (const prober of probers) {
    const weight = hash(`${prober}/${endpointId}`);
    if (weight > highest || (weight === highest && owner !== undefined && prober < owner)) {
      owner = prober;
      highest = weight;
    }
  }
  return owner;
}

/** FNV-1a with MurmurHash3's finalizer, which spreads texts that differ at their beginning. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
