import { describe, expect, it } from "vitest";
import { AnswerReader } from "./answer-reader.ts";

const body = 'data: {"content":""}\n\ndata: {"content":"ü"}\n\n: waiting\n\ndata: [DONE]\n\n';
const size = Buffer.byteLength(body).toString(16);
const streamed = Buffer.from(
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\n${body}\r\n0\r\n\r\n`,
);
const json = Buffer.from('HTTP/1.1 503 Busy\r\nContent-Length: 11\r\n\r\n{"error":1}');

/** Reads the answer in pieces of `size` bytes; the number of the piece that completed it. */
function readPieces(reader: AnswerReader, answer: Buffer, pieceSize: number): number {
  reader.begin();
  let piece = 0;
  for (let start = 0; start < answer.length; start += pieceSize) {
    piece += 1;
    if (reader.read(answer.subarray(start, start + pieceSize))) {
      return piece;
    }
  }
  return -1;
}

describe("AnswerReader", () => {
  it("finds the end, the events and the first content however the bytes are split", () => {
    const reader = new AnswerReader();
    for (let pieceSize = 1; pieceSize <= streamed.length; pieceSize += 1) {
      expect(readPieces(reader, streamed, pieceSize)).toBe(Math.ceil(streamed.length / pieceSize));
      expect(reader).toMatchObject({ status: 200, events: 4 });
    }
    expect(reader.hasContent).toBe(true);
  });

  it("reads answers of a known length, and keeps what a failure says", () => {
    const reader = new AnswerReader();
    for (let pieceSize = 1; pieceSize <= json.length; pieceSize += 1) {
      expect(readPieces(reader, json, pieceSize)).toBe(Math.ceil(json.length / pieceSize));
      expect(reader).toMatchObject({ status: 503, failure: '{"error":1}' });
    }
  });
});
