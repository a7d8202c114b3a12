import { delimiter } from "node:path";
import { baseConfig } from "@fairlead/kit";
import { z } from "zod";

export const routerConfig = baseConfig.extend({
  /** The operator's catalog files, joined by the platform's path delimiter. */
  FAIRLEAD_CATALOG: z
    .string()
    .default("")
    .transform((paths) => paths.split(delimiter).filter((path) => path !== "")),
});
