import {
  DiscardPolicy,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  type StreamConfig,
  StorageType,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { streams, subjects } from "./subjects.ts";

const NANO_PER_SECOND = 1_000_000_000;
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;
const GIBIBYTE = 1_073_741_824;
const STREAM_NAME_IN_USE = 10_058;

type Settings = Partial<StreamConfig> & Pick<StreamConfig, "name" | "subjects">;

/** How far back the stream of bills reaches: the lesser of the two. */
export interface UsageRetention {
  readonly maxBytes: number;
  readonly maxAgeDays: number;
}

const defaultRetention: UsageRetention = { maxBytes: 4 * GIBIBYTE, maxAgeDays: 14 };

/**
 * Limits retention, not work queue: the copy outside Postgres must outlive its posting, so that a
 * database restored to an earlier time can be brought up to date from here. Discard new: when the
 * stream is full the publisher is told, and no unposted bill is dropped.
 */
const usage: Settings = {
  name: streams.usage,
  subjects: [subjects.allUsage],
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  max_msg_size: 1_000_000,
  duplicate_window: 120 * NANO_PER_SECOND,
  deny_delete: true,
  deny_purge: true,
};

const health: Settings = {
  name: streams.health,
  subjects: [subjects.allAttempts, subjects.allProbes],
  storage: StorageType.Memory,
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.Old,
  max_age: HOUR_SECONDS * NANO_PER_SECOND,
  max_bytes: GIBIBYTE / 4,
  max_msgs_per_subject: 2_000,
};

/**
 * Creates the streams, or brings the settings of those that are there up to date. Whoever gives no
 * retention leaves that of a stream that is there as it is.
 */
export async function ensureStreams(
  connection: NatsConnection,
  replicas: number,
  retention?: UsageRetention,
): Promise<void> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const ensure = async (settings: Settings, onlyNew: Partial<StreamConfig> = {}) => {
    const wanted = { ...settings, num_replicas: replicas };
    try {
      await manager.streams.add({ ...wanted, ...onlyNew });
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== STREAM_NAME_IN_USE) {
        throw error;
      }
      await manager.streams.update(settings.name, wanted);
    }
  };
  const limits = retention && toLimits(retention);
  await ensure({ ...usage, ...limits }, limits ?? toLimits(defaultRetention));
  await ensure(health);
}

function toLimits({ maxBytes, maxAgeDays }: UsageRetention): Partial<StreamConfig> {
  return { max_bytes: maxBytes, max_age: maxAgeDays * DAY_SECONDS * NANO_PER_SECOND };
}
