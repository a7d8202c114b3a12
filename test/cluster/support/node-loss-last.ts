import { BaseSequencer, type TestSpecification } from "vitest/node";

/** As usual, but the loss of a node comes last: its node may still clear up when it is back. */
export class NodeLossLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLast = ({ moduleId }: TestSpecification): boolean => moduleId.includes("/node-loss.");
    const sorted = await super.sort(files);
    return [...sorted.filter((file) => !isLast(file)), ...sorted.filter(isLast)];
  }
}
