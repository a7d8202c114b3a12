{{/*
Every template of this library takes one argument, the workload: a dict that a chart describes in
YAML (see _workload.tpl) with the chart's own scope under "root".
*/}}

{{/* The name of a workload's objects: RELEASE-gateway, RELEASE-adapter-POOL. */}}
{{- define "common.name" -}}
{{- $name := printf "%s-%s" .root.Release.Name .suffix -}}
{{- if gt (len $name) 63 -}}
{{- fail (printf "The name %s has %d characters, and Kubernetes allows 63: choose a shorter release or pool name." $name (len $name)) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{/* What a workload's pods are found by; never changed, since a Deployment's selector cannot be. */}}
{{- define "common.selector" -}}
app.kubernetes.io/name: {{ .component }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .pool }}
fairlead.dev/pool: {{ . }}
{{- end }}
{{- end -}}

{{- define "common.labels" -}}
{{ include "common.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/part-of: fairlead
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end -}}

{{/* The head of an object: its name (with a tail, if given) and labels. */}}
{{- define "common.metadata" -}}
metadata:
  name: {{ include "common.name" . }}{{ .tail }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "common.labels" . | nindent 4 }}
{{- end -}}

{{/* Of our own images: REGISTRY/REPOSITORY:TAG, or @DIGEST, which wins. */}}
{{- define "common.image" -}}
{{- $image := .image -}}
{{- $common := .root.Values.global.image -}}
{{- $registry := $image.registry | default $common.registry -}}
{{- $name := ternary $image.repository (printf "%s/%s" (trimSuffix "/" $registry) $image.repository) (empty $registry) -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $name $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name ($image.tag | default $common.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
