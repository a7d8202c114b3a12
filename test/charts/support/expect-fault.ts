import { expect } from "vitest";
import { render } from "./helm.ts";

/** Values that cannot work, and what Helm says of them. */
export interface Fault {
  readonly name: string;
  readonly values: object;
  readonly says: RegExp;
}

export function expectFault({ values, says }: Fault): void {
  const { isSuccess, errors } = render(values);
  expect(errors).toMatch(says);
  expect(isSuccess).toBe(false);
}
