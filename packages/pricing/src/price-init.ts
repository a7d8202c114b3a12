import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PriceSchema, RatesSchema, TierSchema } from "@fairlead/proto/pricing/v1/price";
import type { TokenUsageSchema } from "@fairlead/proto/usage/v1/usage";

/** What every function here takes: a message, or a plain object with some of its fields. */
export type PriceInit = MessageInitShape<typeof PriceSchema>;
export type RatesInit = MessageInitShape<typeof RatesSchema>;
export type TierInit = MessageInitShape<typeof TierSchema>;
export type TokenUsageInit = MessageInitShape<typeof TokenUsageSchema>;
