import { hasDocker } from "./docker.ts";

/** The majors that the charts bundle. */
const POSTGRES_IMAGE = "postgres:18";
const NATS_IMAGE = "nats:2";
const NATS_PORT = 4_222;
const REAPER_IMAGE = "testcontainers/ryuk:0.14.0";
const PASSWORD = "fairlead";

export interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * PostgreSQL in a container, or undefined where no engine answers or the image is neither here nor
 * to be had.
 */
export async function startPostgresContainer(): Promise<Server | undefined> {
  if (!(await canRun(POSTGRES_IMAGE))) {
    return undefined;
  }
  const { PostgreSqlContainer } = await import("@testcontainers/postgresql");
  const container = await new PostgreSqlContainer(POSTGRES_IMAGE)
    .withPassword(PASSWORD)
    .withCommand(["postgres", "-c", "fsync=off", "-c", "max_connections=200"])
    .start();
  return { url: container.getConnectionUri(), stop: async () => void (await container.stop()) };
}

/** NATS with JetStream in a container, or undefined as above. */
export async function startNatsContainer(): Promise<Server | undefined> {
  if (!(await canRun(NATS_IMAGE))) {
    return undefined;
  }
  const { GenericContainer, Wait } = await import("testcontainers");
  // Not the module for NATS: it sets a user, and the clients take none in an address.
  const container = await new GenericContainer(NATS_IMAGE)
    .withCommand(["--jetstream"])
    .withExposedPorts(NATS_PORT)
    .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
    .start();
  return {
    url: `nats://${container.getHost()}:${container.getMappedPort(NATS_PORT)}`,
    stop: async () => void (await container.stop()),
  };
}

async function canRun(image: string): Promise<boolean> {
  if (!(await hasDocker())) {
    return false;
  }
  if (!(await isAvailable(image))) {
    return false;
  }
  // Without its reaper, testcontainers removes containers only in stop(); it cannot start at all
  // where the reaper's image is not to be had.
  if (!(await isAvailable(REAPER_IMAGE))) {
    process.env.TESTCONTAINERS_RYUK_DISABLED = "true";
  }
  return true;
}

const availability = new Map<string, Promise<boolean>>();

/** Whether the engine has the image, or can pull it. */
function isAvailable(image: string): Promise<boolean> {
  const known = availability.get(image) ?? findOut(image);
  availability.set(image, known);
  return known;
}

async function findOut(image: string): Promise<boolean> {
  const { getContainerRuntimeClient, ImageName } = await import("testcontainers");
  try {
    const client = await getContainerRuntimeClient();
    const name = ImageName.fromString(image);
    if (await client.image.exists(name)) {
      return true;
    }
    await client.image.pull(name, { force: false, platform: undefined });
    return true;
  } catch {
    return false;
  }
}
