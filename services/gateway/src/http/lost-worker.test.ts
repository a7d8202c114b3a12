import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { create } from "@bufbuild/protobuf";
import { WorkerAnnouncementSchema } from "@fairlead/proto/events/v1/events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerWell, candidate } from "../test-platform/answers.test-helper.ts";
import {
  startPlatform,
  type TestPlatform,
  until,
} from "../test-platform/start-platform.test-helper.ts";

const sockets = new Set<Socket>();
let platform: TestPlatform;

/** Between the gateway and its worker: the way that breaks. */
const way = createServer((socket) => {
  const [worker] = platform.gateway.workers.pool("default");
  const onward = connect(Number(worker?.address.split(":").at(-1)), "127.0.0.1");
  for (const end of [socket, onward]) {
    sockets.add(end);
    end.on("error", () => undefined);
  }
  socket.pipe(onward).pipe(socket);
  onward.on("close", () => socket.destroy());
  socket.on("close", () => onward.destroy());
});

beforeAll(async () => {
  platform = await startPlatform();
  await new Promise<void>((resolve) => way.listen(0, "127.0.0.1", resolve));
  const address = `127.0.0.1:${(way.address() as AddressInfo).port}`;
  const announcement = { worker: "worker-2", pool: "far", address };
  platform.gateway.workers.announce(create(WorkerAnnouncementSchema, announcement));
  await until(() => platform.gateway.workers.readyCount === 2);
});
afterAll(async () => {
  await platform.close();
  way.close();
});

describe("a worker whose link breaks before the first content", () => {
  it("is told to forget its bill before the next attempt is over", async () => {
    const { state } = platform;
    state.plan = () => ({ candidates: [candidate("one", { pool: "far" })] });
    let isTold = false;
    state.generate = (request, call) => {
      if (state.generated.length === 1) {
        for (const socket of sockets) {
          socket.destroy();
        }
        return;
      }
      void until(() => state.disowned.includes(`${request.generationId}-1`)).then(() => {
        isTold = true;
        answerWell(request, call);
      });
    };
    const response = await platform.post({
      model: "acme/one",
      messages: [{ role: "user", content: "hi" }],
    });
    expect(response.status).toBe(200);
    expect(isTold).toBe(true);
    expect(state.generated).toHaveLength(2);
    expect((await platform.bill()).costNano).toBe(20_000n);
  });
});
