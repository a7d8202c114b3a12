import { kubectl } from "./kubectl.ts";

export interface RestrictedPodOptions {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly files?: {
    readonly mountPath: string;
    readonly files: readonly { readonly path: string; readonly text: string }[];
  };
  readonly secret?: { readonly mountPath: string; readonly name: string };
  /** Mount path of an empty volume. */
  readonly scratch?: string;
  /** A second container over the same volumes. */
  readonly sidecar?: { readonly image: string; readonly command: readonly string[] };
  readonly nodeName?: string;
  /** HTTP port and path that answer once the pod is ready. */
  readonly readiness?: { readonly port: number; readonly path: string };
  /** For a pod that wears labels which a Service selects, and must get nothing of its traffic. */
  readonly isNeverReady?: boolean;
}

/**
 * A pod of the test's own, as the restricted Pod Security Standard wants it; it is not restarted.
 */
export async function createRestrictedPod(options: RestrictedPodOptions): Promise<void> {
  const { namespace, name, image, command, env = {}, labels = {}, files, secret } = options;
  const metadata = { name, namespace, labels };
  const texts = files?.files ?? [];
  const configMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata,
    data: Object.fromEntries(texts.map(({ text }, index) => [`file-${index}`, text])),
  };
  const items = texts.map(({ path }, index) => ({ key: `file-${index}`, path }));
  const mounts = [
    ...(options.scratch === undefined ? [] : [{ name: "scratch", mountPath: options.scratch }]),
    ...(files === undefined ? [] : [{ name: "files", mountPath: files.mountPath }]),
    ...(secret === undefined ? [] : [{ name: "secret", mountPath: secret.mountPath }]),
  ];
  const common = {
    imagePullPolicy: "IfNotPresent",
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: mounts,
  };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec: {
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 1,
      ...(options.isNeverReady === true && {
        readinessGates: [{ conditionType: "fairlead.dev/nobody-sets-this" }],
      }),
      ...(options.nodeName !== undefined && {
        nodeSelector: { "kubernetes.io/hostname": options.nodeName },
      }),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 1000,
        fsGroup: 1000,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          ...common,
          name: "main",
          image,
          command,
          env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
          ...(options.readiness !== undefined && {
            readinessProbe: { httpGet: options.readiness, periodSeconds: 1, timeoutSeconds: 2 },
          }),
        },
        ...(options.sidecar === undefined
          ? []
          : [{ ...common, name: "sidecar", ...options.sidecar }]),
      ],
      volumes: [
        ...(options.scratch === undefined ? [] : [{ name: "scratch", emptyDir: {} }]),
        ...(files === undefined ? [] : [{ name: "files", configMap: { name, items } }]),
        ...(secret === undefined
          ? []
          : [{ name: "secret", secret: { secretName: secret.name, defaultMode: 0o440 } }]),
      ],
    },
  };
  const list = { apiVersion: "v1", kind: "List", items: [configMap, pod] };
  await kubectl(["create", "--filename", "-"], { input: JSON.stringify(list) });
}
