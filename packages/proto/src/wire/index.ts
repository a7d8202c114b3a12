export { create, decode, EMPTY_BYTES, encode, register } from "./codec.ts";
export { WireReader } from "./wire-reader.ts";
export { WireWriter } from "./wire-writer.ts";
