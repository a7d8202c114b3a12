/** A worker process as the picker sees it. `inFlight` counts this gateway's calls on it. */
export interface PickableWorker {
  readonly isReady: boolean;
  readonly inFlight: number;
  /** Peak EWMA of the delay that the worker adds, in microseconds. */
  readonly delay: PeakEwma;
  /** Provider slugs it has credentials for; empty = whatever its pool serves. */
  readonly providers: ReadonlySet<string>;
}

/** Time after which half of an old delay is forgotten. */
const HALF_LIFE_MS = 2_000;
/** Below this, differences are noise (microseconds). */
const FLOOR = 50;

/**
 * A moving average that rises at once and falls slowly: a worker that stalls is avoided from its
 * first slow call on, and tried again when nothing has been heard of it for a while.
 */
export class PeakEwma {
  #value = FLOOR;
  #atMs: number;

  constructor(nowMs: number) {
    this.#atMs = nowMs;
  }

  record(sample: number, nowMs: number): void {
    const weight = this.#weight(nowMs);
    this.#value =
      sample > this.#value * weight ? sample : this.#value * weight + sample * (1 - weight);
    this.#atMs = nowMs;
  }

  read(nowMs: number): number {
    return Math.max(FLOOR, this.#value * this.#weight(nowMs));
  }

  #weight(nowMs: number): number {
    return 2 ** (-Math.max(0, nowMs - this.#atMs) / HALF_LIFE_MS);
  }
}

/**
 * One of two random ready workers, the less loaded: the power of two choices without a herd on
 * whoever looks best. `skip` is what an earlier attempt of the same request failed on.
 */
export function pickWorker<W extends PickableWorker>(
  workers: readonly W[],
  provider: string,
  options: { readonly random: () => number; readonly nowMs: number; readonly skip?: W | undefined },
): W | undefined {
  const slash = provider.indexOf("/");
  const slug = slash < 0 ? provider : provider.slice(0, slash);
  const first = pickReady(workers, slug, options, undefined);
  if (first === undefined) {
    return options.skip?.isReady && serves(options.skip, slug) ? options.skip : undefined;
  }
  const second = pickReady(workers, slug, options, first);
  if (second === undefined) {
    return first;
  }
  return load(second, options.nowMs) < load(first, options.nowMs) ? second : first;
}

/** A random place, then the first fit from there on: no list of the ready ones is built. */
function pickReady<W extends PickableWorker>(
  workers: readonly W[],
  slug: string,
  options: { readonly random: () => number; readonly skip?: W | undefined },
  other: W | undefined,
): W | undefined {
  const start = Math.floor(options.random() * workers.length);
  for (let offset = 0; offset < workers.length; offset += 1) {
    const worker = workers[(start + offset) % workers.length];
    if (worker?.isReady && worker !== other && worker !== options.skip && serves(worker, slug)) {
      return worker;
    }
  }
  return undefined;
}

function serves(worker: PickableWorker, slug: string): boolean {
  return worker.providers.size === 0 || worker.providers.has(slug);
}

function load(worker: PickableWorker, nowMs: number): number {
  return worker.delay.read(nowMs) * (worker.inFlight + 1);
}
