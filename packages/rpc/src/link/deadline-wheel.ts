const tickMs = 20;
const slotCount = 512;

/** Something with a deadline; the wheel links it into one of its slots. */
export abstract class Expiring {
  wheelSlot = -1;
  /** Tick at which it is due. */
  wheelTick = 0;
  wheelPrevious: Expiring | undefined;
  wheelNext: Expiring | undefined;

  /** Called once when the deadline has passed, at most a tick late, never early. */
  abstract expire(): void;
}

/** Time and the one timer, so that tests can turn the wheel themselves. */
export interface WheelClock {
  /** Monotonic, in milliseconds. */
  now(): number;
  every(intervalMs: number, tick: () => void): () => void;
}

const systemClock: WheelClock = {
  now: () => performance.now(),
  every(intervalMs, tick) {
    const timer = setInterval(tick, intervalMs);
    timer.unref();
    return () => clearInterval(timer);
  },
};

/**
 * The deadlines of all calls with one coarse timer: adding and removing one is a few pointers,
 * where a `setTimeout` for each costs more than the rest of a call's bookkeeping. The timer runs
 * only while there is something to watch.
 */
export class DeadlineWheel {
  readonly #clock: WheelClock;
  readonly #slots: (Expiring | undefined)[] = new Array(slotCount).fill(undefined);
  #tick = 0;
  #size = 0;
  #stop: (() => void) | undefined;

  constructor(clock: WheelClock = systemClock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#size;
  }

  get isRunning(): boolean {
    return this.#stop !== undefined;
  }

  add(entry: Expiring, timeoutMs: number): void {
    const now = this.#clock.now();
    if (this.#stop === undefined) {
      this.#tick = Math.floor(now / tickMs);
      this.#stop = this.#clock.every(tickMs, this.#turn);
    }
    // A slot that was already passed would wait a whole round.
    entry.wheelTick = Math.max(Math.ceil((now + timeoutMs) / tickMs), this.#tick + 1);
    entry.wheelSlot = entry.wheelTick % slotCount;
    const first = this.#slots[entry.wheelSlot];
    entry.wheelPrevious = undefined;
    entry.wheelNext = first;
    if (first !== undefined) {
      first.wheelPrevious = entry;
    }
    this.#slots[entry.wheelSlot] = entry;
    this.#size += 1;
  }

  remove(entry: Expiring): void {
    if (entry.wheelSlot < 0) {
      return;
    }
    if (entry.wheelPrevious === undefined) {
      this.#slots[entry.wheelSlot] = entry.wheelNext;
    } else {
      entry.wheelPrevious.wheelNext = entry.wheelNext;
    }
    if (entry.wheelNext !== undefined) {
      entry.wheelNext.wheelPrevious = entry.wheelPrevious;
    }
    entry.wheelPrevious = undefined;
    entry.wheelNext = undefined;
    entry.wheelSlot = -1;
    this.#size -= 1;
  }

  readonly #turn = (): void => {
    if (this.#size === 0) {
      this.#stop?.();
      this.#stop = undefined;
      return;
    }
    const target = Math.floor(this.#clock.now() / tickMs);
    // After a long pause one round over all slots is enough.
    const first = Math.max(this.#tick + 1, target - slotCount + 1);
    for (let tick = first; tick <= target; tick += 1) {
      this.#tick = tick;
      this.#expireSlot(tick % slotCount, target);
    }
    this.#tick = Math.max(this.#tick, target);
  };

  #expireSlot(slot: number, target: number): void {
    // Expiring one may remove any other, so the due ones are found first.
    let due: Expiring[] | undefined;
    for (let entry = this.#slots[slot]; entry !== undefined; entry = entry.wheelNext) {
      if (entry.wheelTick <= target) {
        due ??= [];
        due.push(entry);
      }
    }
    for (const entry of due ?? []) {
      if (entry.wheelSlot >= 0) {
        this.remove(entry);
        entry.expire();
      }
    }
  }
}

/** All links of a process share this one. */
export const processWheel = new DeadlineWheel();
