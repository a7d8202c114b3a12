import { z } from "zod";
import { ScriptError } from "../script/script-error.ts";

const REQUESTS_MAX = 1_000_000;

const orderSchema = z.strictObject({
  model: z.string().min(1),
  /** In the grammar of the model names: `tokens=5 fault=status:503`. */
  script: z.string(),
  /** How many requests it serves; absent, it stays until cleared. */
  requests: z.int().min(1).max(REQUESTS_MAX).optional(),
});

export type ScriptOrder = z.output<typeof orderSchema>;

export function readScriptOrder(body: Buffer): ScriptOrder {
  const result = orderSchema.safeParse(JSON.parse(body.toString()));
  if (!result.success) {
    throw new ScriptError(z.prettifyError(result.error));
  }
  return result.data;
}
