/** A request the provider would refuse. The dialect gives it its native shape. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly param: string | null;
  /** The provider's own word for it; the dialect derives one from the status when absent. */
  readonly code: string | undefined;

  constructor(status: number, message: string, options: { param?: string; code?: string } = {}) {
    super(message);
    this.status = status;
    this.param = options.param ?? null;
    this.code = options.code;
  }
}
