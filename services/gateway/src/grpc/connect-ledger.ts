import { LedgerService } from "@fairlead/proto/ledger/v1/ledger";
import { type ClientSecurity, createClient, type RpcClient } from "@fairlead/rpc";

/**
 * A ledger whose machine is lost sends no word: without pings its connection would last minutes,
 * and every call on it its whole timeout. Its calls are short and made again, so a ping that meets
 * a drain costs nothing.
 */
const pings = {
  "grpc.keepalive_time_ms": 2_000,
  "grpc.keepalive_timeout_ms": 2_000,
  "grpc.keepalive_permit_without_calls": 1,
};

/**
 * A client of the ledger. Behind a name with several addresses it uses all of them in turn; behind
 * a Service's one address it stays with one replica until that one drains or is lost.
 */
export function connectLedger(
  address: string,
  { credentials, channelOptions }: ClientSecurity,
): RpcClient<typeof LedgerService> {
  return createClient(LedgerService, address, {
    credentials,
    channelOptions: { ...pings, ...channelOptions },
  });
}
