import { hostname, type NetworkInterfaceInfo } from "node:os";
import { expect, it } from "vitest";
import { findAddress } from "./find-address.ts";

function createAddress(address: string, internal: boolean): NetworkInterfaceInfo {
  const shared = { address, internal, netmask: "", mac: "", cidr: null };
  return address.includes(":")
    ? { ...shared, family: "IPv6", scopeid: 0 }
    : { ...shared, family: "IPv4" };
}

const loopback = [createAddress("127.0.0.1", true)];

it.each([
  ["127.0.0.1", {}, "127.0.0.1:50051"],
  ["::1", {}, "[::1]:50051"],
  ["0.0.0.0", { lo: loopback, eth0: [createAddress("10.0.0.7", false)] }, "10.0.0.7:50051"],
  ["::", { eth0: [createAddress("fd00::7", false)] }, "[fd00::7]:50051"],
  ["0.0.0.0", { lo: loopback }, `${hostname()}:50051`],
])("a server on %s with %o is at %s", (host, interfaces, address) => {
  expect(findAddress(host, 50_051, interfaces)).toBe(address);
});
