{{/* An HPA on CPU or on open streams, or KEDA's ScaledObject, which makes an HPA of its own. */}}
{{- define "common.autoscaler" -}}
{{- $scaling := .values.autoscaling -}}
{{- if $scaling.enabled }}
{{- include "common.checkAutoscaling" . -}}
{{- if eq (toString $scaling.metric) "keda" -}}
{{- include "common.scaledObject" . -}}
{{- else -}}
{{- include "common.horizontalPodAutoscaler" . -}}
{{- end }}
{{- end }}
{{- end -}}

{{- define "common.checkAutoscaling" -}}
{{- $scaling := .values.autoscaling -}}
{{- if gt (int $scaling.minReplicas) (int $scaling.maxReplicas) -}}
{{- fail (printf "%s: autoscaling.minReplicas (%d) is above autoscaling.maxReplicas (%d)." .suffix (int $scaling.minReplicas) (int $scaling.maxReplicas)) -}}
{{- end -}}
{{- if eq (toString $scaling.metric) "keda" -}}
{{- if empty .root.Values.global.keda.prometheusAddress -}}
{{- fail (printf "%s: autoscaling.metric is keda: set global.keda.prometheusAddress to the address of your Prometheus." .suffix) -}}
{{- end -}}
{{- /* A pod is NAME-HASH-RANDOM, of which Kubernetes keeps 58 characters before the last 5: no query finds more. */ -}}
{{- $name := include "common.name" . -}}
{{- if gt (len $name) 46 -}}
{{- fail (printf "%s: autoscaling.metric is keda, but the name %s has %d characters, and Kubernetes cuts the names of its pods beyond 46: choose a shorter release or pool name." .suffix $name (len $name)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "common.horizontalPodAutoscaler" -}}
{{- $scaling := .values.autoscaling -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
{{ include "common.metadata" . }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "common.name" . }}
  minReplicas: {{ $scaling.minReplicas }}
  maxReplicas: {{ $scaling.maxReplicas }}
  metrics:
    {{- if eq (toString $scaling.metric) "streams" }}
    - type: Pods
      pods:
        metric:
          name: {{ .streams }}
        target:
          type: AverageValue
          averageValue: {{ $scaling.streamsPerPod | quote }}
    {{- else }}
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ $scaling.cpuPercent }}
    {{- end }}
  behavior:
    {{- include "common.scalingBehavior" . | nindent 4 }}
{{- end -}}

{{/* Up at once, since streams wait; down slowly, since each worker that goes has streams to finish. */}}
{{- define "common.scalingBehavior" -}}
scaleUp:
  stabilizationWindowSeconds: 0
  policies:
    - type: Percent
      value: 100
      periodSeconds: 15
    - type: Pods
      value: 4
      periodSeconds: 15
  selectPolicy: Max
scaleDown:
  stabilizationWindowSeconds: {{ .values.autoscaling.scaleDownSeconds }}
{{- end -}}

{{- define "common.scaledObject" -}}
{{- $scaling := .values.autoscaling -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
{{ include "common.metadata" . }}
spec:
  scaleTargetRef:
    name: {{ include "common.name" . }}
  minReplicaCount: {{ $scaling.minReplicas }}
  maxReplicaCount: {{ $scaling.maxReplicas }}
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        {{- include "common.scalingBehavior" . | nindent 8 }}
  triggers:
    - type: prometheus
      metricType: AverageValue
      metadata:
        serverAddress: {{ .root.Values.global.keda.prometheusAddress }}
        query: sum({{ .streams }}{namespace="{{ .root.Release.Namespace }}",pod=~"{{ include "common.name" . }}-[a-z0-9]+-[a-z0-9]+"})
        threshold: {{ $scaling.streamsPerPod | quote }}
{{- end -}}

{{/* One pod at a time, also of a workload of one: a budget that allows none blocks a node's drain. */}}
{{- define "common.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
{{ include "common.metadata" . }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "common.selector" . | nindent 6 }}
{{- end -}}
