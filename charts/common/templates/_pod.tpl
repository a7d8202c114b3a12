{{/* What the restricted Pod Security Standard asks of a pod, and a user that is not root. */}}
{{- define "common.podSecurity" -}}
{{- $user := .user | default 1000 | int -}}
runAsNonRoot: true
runAsUser: {{ $user }}
runAsGroup: {{ $user }}
fsGroup: {{ $user }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/*
Nothing that a pod does not need. Its processes share a namespace because process 1 hears no SIGTERM
before it has said what to do on one: a pod that was told to end while its program started would
stay for its whole grace period.
*/}}
{{- define "common.podDefaults" -}}
automountServiceAccountToken: false
enableServiceLinks: false
shareProcessNamespace: true
{{- end -}}

{{- define "common.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop:
    - ALL
{{- end -}}

{{/* Where and beside whom pods run. */}}
{{- define "common.scheduling" -}}
{{- $values := .values -}}
{{- with $values.priorityClassName | default .root.Values.global.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "common.spread" -}}
topologySpreadConstraints:
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "common.selector" $ | nindent 8 }}
    matchLabelKeys:
      - pod-template-hash
{{- end }}
{{- end -}}

{{/* Pods that no scraper need ask say nothing. */}}
{{- define "common.podAnnotations" -}}
{{- $annotations := dict -}}
{{- if .ops -}}
{{- $annotations = dict "prometheus.io/scrape" "true" "prometheus.io/port" "9090" "prometheus.io/path" "/metrics" -}}
{{- end -}}
{{- with merge (dict) (.values.podAnnotations | default dict) $annotations -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}

{{- define "common.pullSecrets" -}}
{{- with .root.Values.global.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{/*
Startup, readiness and liveness apart: only readiness looks at what the process depends on, so a
database that is away takes pods out of rotation and never restarts them.
*/}}
{{- define "common.probes" -}}
{{- $port := ternary "ops" "http" (.ops | default false) -}}
{{- $probes := .httpProbes | default (dict "live" "/livez" "ready" "/readyz") -}}
startupProbe:
  httpGet:
    path: {{ $probes.live }}
    port: {{ $port }}
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: 300
livenessProbe:
  httpGet:
    path: {{ $probes.live }}
    port: {{ $port }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet:
    path: {{ $probes.ready }}
    port: {{ $port }}
  periodSeconds: 1
  timeoutSeconds: 3
  failureThreshold: 3
{{- end -}}

{{/*
Seconds between "not ready" and the start of the drain, in which endpoints and load balancers take
the pod out: 5, or a quarter of a short drain.
*/}}
{{- define "common.drainDelay" -}}
{{- min 5 (div (int .root.Values.global.drain.seconds) 4) -}}
{{- end -}}

{{/* The delay, the drain, 5 s in which the process closes what it holds, and 5 s to spare. */}}
{{- define "common.gracePeriod" -}}
{{- add (int (include "common.drainDelay" .)) (int .root.Values.global.drain.seconds) 10 -}}
{{- end -}}
