import { type ServerDuplexStream, Server, ServerCredentials } from "@grpc/grpc-js";
import { Agent } from "undici";
import { FrameSender, frameType, readFrames } from "./frames.ts";
import { relayService } from "./service.ts";

const EVENT_END = "\n\n";
const DATA = "data: ";
const DONE = "[DONE]";

/** Both processes take messages as large as the largest prompt of a row. */
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

const upstream = new URL(process.argv[2] ?? "");
const agent = new Agent({ connections: 256, pipelining: 1 });

/** Sends a request on, and gives what comes back, each JSON document changed a little. */
async function relay(body: Buffer, give: (text: string) => void): Promise<void> {
  const { stream } = JSON.parse(body.toString()) as { readonly stream?: boolean };
  const answer = await agent.request({
    origin: upstream.origin,
    path: upstream.pathname,
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer sk-simulated" },
    body,
  });
  if (stream !== true) {
    give(mark(await answer.body.text()));
    return;
  }
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of answer.body) {
    rest += decoder.decode(chunk as Buffer, { stream: true });
    for (let end = rest.indexOf(EVENT_END); end >= 0; end = rest.indexOf(EVENT_END)) {
      const data = rest.slice(DATA.length, end);
      rest = rest.slice(end + EVENT_END.length);
      give(DATA + (data === DONE ? data : mark(data)) + EVENT_END);
    }
  }
}

function mark(text: string): string {
  return JSON.stringify({ ...(JSON.parse(text) as object), id: "gen-1", provider: "Bare" });
}

function serve(link: ServerDuplexStream<Buffer, Buffer>): void {
  const sender = new FrameSender((message) => void link.write(message));
  link.on("data", (message: Buffer) => {
    readFrames(message, (callId, _type, body) => {
      const give = (text: string) => sender.send(callId, frameType.part, Buffer.from(text));
      const finish = () => sender.send(callId, frameType.end, Buffer.alloc(0));
      relay(Buffer.from(body), give).then(finish, finish);
    });
  });
  link.on("error", () => undefined);
}

const server = new Server({
  "grpc.max_receive_message_length": MESSAGE_BYTES_MAX,
});
server.addService(relayService, { connect: serve });
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) {
    throw error;
  }
  process.send?.(port);
});
