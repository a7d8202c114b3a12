{{/* Without http and grpc nobody calls it, and it gets none. */}}
{{- define "common.service" -}}
{{- if or .http .grpc }}
{{- $service := .values.service | default dict -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "common.name" . }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "common.labels" . | nindent 4 }}
  {{- with $service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- if .headless }}
  clusterIP: None
  {{- else }}
  type: {{ $service.type | default "ClusterIP" }}
  {{- end }}
  selector:
    {{- include "common.selector" . | nindent 4 }}
  ports:
    {{- with .http }}
    - name: http
      port: {{ $service.port | default . }}
      targetPort: http
      appProtocol: http
      {{- with $service.nodePort }}
      nodePort: {{ . }}
      {{- end }}
    {{- end }}
    {{- if .grpc }}
    - name: grpc
      port: 50051
      targetPort: grpc
      appProtocol: grpc
    {{- end }}
{{- end }}
{{- end -}}

{{/* For the ServiceMonitor alone: the port of metrics is on no Service that leads outside. */}}
{{- define "common.opsService" -}}
{{- if and .ops .root.Values.global.metrics.serviceMonitor.enabled }}
apiVersion: v1
kind: Service
{{ include "common.metadata" (merge (dict "tail" "-ops") .) }}
spec:
  clusterIP: None
  # A pod that is not ready has metrics too.
  publishNotReadyAddresses: true
  selector:
    {{- include "common.selector" . | nindent 4 }}
  ports:
    - name: ops
      port: 9090
      targetPort: ops
{{- end }}
{{- end -}}

{{- define "common.serviceMonitor" -}}
{{- $monitor := .root.Values.global.metrics.serviceMonitor -}}
{{- if and .ops $monitor.enabled }}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ include "common.name" . }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "common.labels" . | nindent 4 }}
    {{- with $monitor.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "common.selector" . | nindent 6 }}
  podTargetLabels:
    - fairlead.dev/pool
  endpoints:
    - port: ops
      path: /metrics
      interval: {{ $monitor.interval }}
{{- end }}
{{- end -}}
