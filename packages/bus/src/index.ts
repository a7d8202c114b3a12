export type { Bus, DurableOptions, Subscription } from "./bus.ts";
export { type BusOptions, type BusTls, connectBus } from "./connect-bus.ts";
export type { Consumption, ConsumeOptions, Delivery } from "./consume.ts";
export type { MessageMeta } from "./decode.ts";
export type { FollowOptions } from "./follow.ts";
export type { UsageRetention } from "./ensure-streams.ts";
export { streams, subjects } from "./subjects.ts";
