{{- define "common.deployment" -}}
{{- $values := .values -}}
{{- include "common.checkResources" (dict "owner" .suffix "field" "resources" "resources" $values.resources) -}}
{{- $environment := include "common.environment" . | fromYaml -}}
apiVersion: apps/v1
kind: Deployment
{{ include "common.metadata" . }}
spec:
  {{- if not $values.autoscaling.enabled }}
  replicas: {{ $values.replicas }}
  {{- end }}
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
      automountServiceAccountToken: false
      enableServiceLinks: false
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
