import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { credentials, makeGenericClientConstructor } from "@grpc/grpc-js";
import { FrameSender, frameType, readFrames } from "./frames.ts";
import { relayService } from "./service.ts";

const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

const Client = makeGenericClientConstructor(relayService, "Relay");
const client = new Client(`127.0.0.1:${process.argv[2]}`, credentials.createInsecure(), {
  "grpc.max_receive_message_length": MESSAGE_BYTES_MAX,
});
const link = client.makeBidiStreamRequest(
  relayService.connect.path,
  relayService.connect.requestSerialize,
  relayService.connect.responseDeserialize,
);
const sender = new FrameSender((message) => void link.write(message));
const open = new Map<number, ServerResponse>();
let lastId = 0;

link.on("data", (message: Buffer) => {
  readFrames(message, (callId, type, payload) => {
    const response = open.get(callId);
    if (type === frameType.end) {
      open.delete(callId);
      response?.end();
    } else {
      response?.write(payload);
    }
  });
});
link.on("error", () => process.exit(1));

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    lastId += 1;
    open.set(lastId, response);
    response.writeHead(200, { "content-type": "application/octet-stream" });
    sender.send(lastId, frameType.part, Buffer.concat(chunks));
  });
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
