import { create } from "@fairlead/proto/wire";
import { type Bus, subjects } from "@fairlead/bus";
import {
  type WorkerAnnouncement,
  WorkerAnnouncementSchema,
} from "@fairlead/proto/events/v1/events";

/** Gateways take a worker for gone after a few of these. */
const ANNOUNCE_INTERVAL_MS = 1_000;

export interface AnnouncerOptions {
  readonly bus: Pick<Bus, "publish">;
  readonly worker: string;
  readonly pool: string;
  /** host:port where gateways reach this worker. */
  readonly address: string;
  readonly capacity: number;
  readonly providers: () => readonly string[];
  readonly inFlight: () => number;
  /** Called with what is about to be announced. */
  readonly onAnnounce?: (providers: readonly string[]) => void;
}

/** Tells gateways that this worker is there, what it serves and how busy it is. */
export class Announcer {
  readonly #options: AnnouncerOptions;
  #timer: NodeJS.Timeout | undefined;
  #isDraining = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  start(): void {
    this.announce();
    this.#timer = setInterval(() => this.announce(), ANNOUNCE_INTERVAL_MS);
  }

  /** Also called at once when what is announced changes. */
  announce(): void {
    const { bus, onAnnounce } = this.#options;
    const announcement = this.#describe();
    onAnnounce?.(announcement.providers);
    bus.publish(WorkerAnnouncementSchema, subjects.worker, announcement);
  }

  drain(): void {
    this.#isDraining = true;
    this.announce();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #describe(): WorkerAnnouncement {
    const { worker, pool, address, capacity, providers, inFlight } = this.#options;
    return create(WorkerAnnouncementSchema, {
      worker,
      pool,
      address,
      providers: [...providers()],
      capacity,
      inFlight: inFlight(),
      isDraining: this.#isDraining,
    });
  }
}
