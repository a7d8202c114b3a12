// The first step of every command: brings the toolchain and hands over to TypeScript. Plain
// JavaScript without dependencies, for any Node from 20 on.
import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { Fault, home, provideToolchain, repository } from "./toolchain.mjs";

/** npm and the terminal both pass Ctrl-C on: what comes sooner than this after one is the same. */
const SAME_SIGNAL_MS = 500;
const PARENT_POLL_MS = 500;

const commands = {
  start: "packages/local/src/start.ts",
  test: "packages/local/src/test.ts",
  bench: "test/bench/main.ts",
  trace: "packages/local/src/trace.ts",
};

try {
  process.exitCode = await main(process.argv[2], process.argv.slice(3));
} catch (error) {
  process.stderr.write(`${error instanceof Fault ? error.message : error.stack}\n`);
  process.exitCode = 1;
}

async function main(command, args) {
  const script = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (script === undefined) {
    throw new Fault(`Usage: node bootstrap.mjs ${Object.keys(commands).join(" | ")} [arguments]`);
  }
  return handOver(await provideToolchain(), join(repository, script), args);
}

/** Runs the command under Node; resolves to its exit code. */
async function handOver(node, script, args) {
  const path = [dirname(node), join(repository, "node_modules/.bin"), process.env.PATH ?? ""];
  const child = spawn(node, ["--conditions=@fairlead/source", script, ...args], {
    // A session of its own: Ctrl-C reaches only this process, which passes it on once. The channel
    // ends with this process, however it dies: the command stops then.
    detached: true,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: {
      ...process.env,
      FAIRLEAD_HOME: home,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(home, "cache/compile"),
      PATH: path.join(delimiter),
    },
  });
  child.channel?.unref();
  let passedOnAt;
  const passOn = (signal) => {
    if (passedOnAt === undefined || Date.now() - passedOnAt > SAME_SIGNAL_MS) {
      passedOnAt = Date.now();
      child.kill(signal);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, passOn);
  }
  watchNpm(() => {
    // npm ends of the signal that it passed on; that is not a second one.
    if (passedOnAt === undefined) {
      passOn("SIGTERM");
    }
  });
  return new Promise((settle) => {
    child.once("error", (error) => {
      process.stderr.write(`${node} does not run (${error.message}): remove ${home}/toolchain.\n`);
      settle(1);
    });
    child.once("exit", (code, signal) => settle(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** When npm started us and is gone (killed, so that it could pass nothing on), `stop` is called. */
function watchNpm(stop) {
  if (process.env.npm_lifecycle_event === undefined) {
    return;
  }
  const { stdout } = spawnSync("ps", ["-o", "ppid=,args=", "-p", String(process.ppid)], {
    encoding: "utf8",
  });
  // npm runs a script through a shell, which some shells replace by the script.
  const shell = /^\s*(\d+)\s+\S*sh -c /.exec(stdout ?? "");
  const watched = shell === null ? [process.ppid] : [process.ppid, Number(shell[1])];
  setInterval(() => {
    if (!watched.every(isAlive)) {
      stop();
    }
  }, PARENT_POLL_MS).unref();
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
