/** The part of a logger that this package needs: fields first, constant text after. */
export interface RpcLogger {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
