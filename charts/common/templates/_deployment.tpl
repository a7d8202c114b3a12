{{- define "common.deployment" -}}
{{- $values := .values -}}
{{- include "common.checkResources" (dict "owner" .suffix "field" "resources" "resources" $values.resources) -}}
{{- $environment := include "common.environment" . | fromYaml -}}
apiVersion: apps/v1
kind: Deployment
{{ include "common.metadata" . }}
  {{- include "common.replicas" . }}
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      {{- include "common.selector" . | nindent 6 }}
  strategy:
    rollingUpdate:
      # A pod goes only after its successor is ready.
      maxUnavailable: 0
      maxSurge: 1
  template:
    metadata:
      labels:
        {{- include "common.labels" . | nindent 8 }}
      {{- with include "common.podAnnotations" . }}
      annotations:
        {{- . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "common.name" . }}
      {{- include "common.podDefaults" . | nindent 6 }}
      {{- include "common.pullSecrets" . | nindent 6 }}
      {{- include "common.scheduling" . | nindent 6 }}
      {{- include "common.spread" . | nindent 6 }}
      terminationGracePeriodSeconds: {{ include "common.gracePeriod" . }}
      securityContext:
        {{- include "common.podSecurity" . | nindent 8 }}
      containers:
        - name: {{ .component }}
          image: {{ include "common.image" (dict "root" .root "image" $values.image) }}
          imagePullPolicy: {{ .root.Values.global.image.pullPolicy }}
          securityContext:
            {{- include "common.containerSecurity" . | nindent 12 }}
          ports:
            {{- include "common.containerPorts" . | nindent 12 }}
          {{- include "common.probes" . | nindent 10 }}
          env:
            {{- toYaml $environment.env | nindent 12 }}
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          volumeMounts:
            {{- toYaml $environment.volumeMounts | nindent 12 }}
      volumes:
        {{- toYaml $environment.volumes | nindent 8 }}
{{- end -}}

{{/*
The number of pods, with the head of the spec. An autoscaler's Deployment has none of ours, and its
annotation says so. One that had a number before keeps what runs: Kubernetes takes a number that is
removed for 1, until the autoscaler acts.
*/}}
{{- define "common.replicas" -}}
{{- if .values.autoscaling.enabled }}
{{- $live := lookup "apps/v1" "Deployment" .root.Release.Namespace (include "common.name" .) }}
{{- if or (not $live) (eq (dig "metadata" "annotations" "fairlead.dev/replicas" "" $live) "autoscaler") }}
  annotations:
    fairlead.dev/replicas: autoscaler
spec:
{{- else }}
spec:
  replicas: {{ max (int $live.spec.replicas) (int .values.autoscaling.minReplicas) }}
{{- end }}
{{- else }}
spec:
  replicas: {{ .values.replicas }}
{{- end }}
{{- end -}}

{{- define "common.containerPorts" -}}
{{- with .http }}
- name: http
  containerPort: {{ . }}
{{- end }}
{{- if .grpc }}
- name: grpc
  containerPort: 50051
{{- end }}
{{- if .ops }}
- name: ops
  containerPort: 9090
{{- end }}
{{- end -}}

{{- define "common.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
{{ include "common.metadata" . }}
automountServiceAccountToken: false
{{- end -}}
