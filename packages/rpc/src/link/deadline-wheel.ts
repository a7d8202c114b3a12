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
  /** Calls back once, unless what it returns is called before. */
  after(delayMs: number, turn: () => void): () => void;
}

const systemClock: WheelClock = {
  now: () => performance.now(),
  after(delayMs, turn) {
    const timer = setTimeout(turn, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/**
 * The deadlines of all calls with one coarse timer: adding and removing one is a few pointers,
 * where a `setTimeout` for each costs more than the rest of a call's bookkeeping. The timer is set
 * for the next deadline and not for every tick: waking a process that only carries a few long
 * streams costs more than an event of theirs. It stays set when that deadline is removed, since
 * most are, and then finds the next one.
 */
export class DeadlineWheel {
  readonly #clock: WheelClock;
  readonly #slots: (Expiring | undefined)[] = new Array(slotCount).fill(undefined);
  /** The last tick that was worked through. */
  #tick = 0;
  #size = 0;
  /** Tick for which the timer is set. */
  #wakeTick = Number.POSITIVE_INFINITY;
  #stop: (() => void) | undefined;

  constructor(clock: WheelClock = systemClock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#size;
  }

  get isRunning(): boolean {
    return this.#wakeTick !== Number.POSITIVE_INFINITY;
  }

  add(entry: Expiring, timeoutMs: number): void {
    const now = this.#clock.now();
    if (this.#size === 0 && !this.isRunning) {
      this.#tick = Math.floor(now / tickMs);
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
    this.#wakeBy(entry.wheelTick, now);
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
    this.#wakeTick = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    const target = Math.floor(now / tickMs);
    // After a long pause one round over all slots is enough.
    const first = Math.max(this.#tick + 1, target - slotCount + 1);
    for (let tick = first; tick <= target; tick += 1) {
      this.#tick = tick;
      this.#expireSlot(tick % slotCount, target);
    }
    this.#tick = Math.max(this.#tick, target);
    if (this.#size > 0) {
      this.#wakeBy(this.#findNext(), now);
    }
  };

  #wakeBy(tick: number, now: number): void {
    if (tick < this.#wakeTick) {
      this.#stop?.();
      this.#wakeTick = tick;
      this.#stop = this.#clock.after(Math.max(1, tick * tickMs - now), this.#turn);
    }
  }

  /** The next tick at which one is due, or the end of the next round. */
  #findNext(): number {
    const last = this.#tick + slotCount;
    for (let tick = this.#tick + 1; tick < last; tick += 1) {
      for (let entry = this.#slots[tick % slotCount]; entry; entry = entry.wheelNext) {
        if (entry.wheelTick <= tick) {
          return tick;
        }
      }
    }
    return last;
  }

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
