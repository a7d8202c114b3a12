import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readdirSync } from "node:fs";
import { buildImage, giveImages } from "./cluster-tool.ts";
import { imageOf, imageTag } from "./images.ts";
import { root } from "./release.ts";

export const nextLedgerTag = `${imageTag}-next`;

const numbers = readdirSync(join(root, "services/ledger/migrations")).map((name) =>
  Number(name.slice(0, 4)),
);
const next = String(Math.max(...numbers) + 1).padStart(4, "0");
export const NEXT_MIGRATION = `${next}-only-for-a-test.sql`;

/** The ledger's image with one migration more, which only adds, given to the nodes. */
export async function buildNextLedger(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-next-ledger-"));
  try {
    writeFileSync(
      join(folder, NEXT_MIGRATION),
      "ALTER TABLE accounts ADD COLUMN only_for_a_test text NOT NULL DEFAULT '';\n",
    );
    const lines = [`FROM ${imageOf("ledger")}`, `COPY ${NEXT_MIGRATION} /app/migrations/`];
    writeFileSync(join(folder, "Dockerfile"), `${lines.join("\n")}\n`);
    const image = `fairlead/ledger:${nextLedgerTag}`;
    await buildImage(image, folder);
    await giveImages([image]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
